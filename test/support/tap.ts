import root, { type Test } from 'tap';
import { refuseDisorder } from '../../src/platform/db/lock-order.ts';

export type { Test };

refuseDisorder();

let file: Test | undefined;

/**
 * tap, for test files of which several may run in one process (groups.ts): what a file asks of it concerns the file, and
 * its teardowns run when the file has ended. A file that is run by itself has tap's own.
 */
export const t: Test = new Proxy(root, {
  get(own, name) {
    const target = file ?? own;
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

/** Makes `t` that of the file which is loaded next. */
export function enterFile(test: Test): void {
  file = test;
}
