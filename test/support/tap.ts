import root, { type Test } from 'tap';
import { refuseDisorder } from '../../src/platform/db/lock-order.ts';

export type { Test };

refuseDisorder();

let file: Test | undefined;

/**
 * tap, for files that may share a process (groups.ts): its calls concern the current file, whose teardowns run when it
 * has ended. For a file that runs alone it is tap itself.
 */
export const t: Test = new Proxy(root, {
  get(own, name) {
    const target = file ?? own;
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

/** Sets the test that `t` stands for in the file that is loaded next. */
export function enterFile(test: Test): void {
  file = test;
}
