import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * The guardian's interface: registered processes, clusters and folders are removed with the run, even if it is killed.
 */
export type Guard = {
  watch(kind: 'process' | 'cluster' | 'folder', what: string | number): void;
  /** The process has ended, and its id may be reused. */
  gone(pid: number): void;
  /** Keeps the folder for inspection. */
  keep(folder: string): void;
  clear(): Promise<void>;
};

/** Starts the guardian (guardian.ts). */
export function startGuard(): Guard {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // Outside the terminal's process group, since Ctrl-C must not end it before its work is done.
    detached: true,
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  const say = (line: string) => void child.stdin.write(`${line}\n`);
  return {
    watch: (kind, what) => say(`${kind} ${what}`),
    gone: (pid) => say(`gone ${pid}`),
    keep: (folder) => say(`keep ${folder}`),
    async clear() {
      child.stdin.end();
      await ended;
    },
  };
}
