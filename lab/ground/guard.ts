import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The run's end of the guardian: what it is told of is ended and removed with the run, even if the run is killed. */
export type Guard = {
  watch(kind: 'process' | 'cluster' | 'folder', what: string | number): void;
  /** The process has ended and its id may be given to another. */
  gone(pid: number): void;
  /** The folder stays, for somebody to look into. */
  keep(folder: string): void;
  /** Ends and removes everything now. */
  clear(): Promise<void>;
};

/** Starts the guardian (guardian.ts). */
export function startGuard(): Guard {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // Out of the terminal's process group, where Ctrl-C would end it before its work is done.
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
