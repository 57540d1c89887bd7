import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Guard } from './guard.ts';

export type Running = {
  readonly name: string;
  readonly pid: number;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  isAlive(): boolean;
  /** kill -9. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits. @returns the exit code or signal */
  stop(): Promise<number | string>;
};

// A run starts dozens of processes from the same files, which share a compile cache.
const compileCache =
  process.env['NODE_COMPILE_CACHE'] ?? join(import.meta.dirname, '../../node_modules/.cache/chaos-compiled');

/** Starts a Node process with only the given environment and its output in a log file. @param logFile appended to */
export function startProcess(
  guard: Guard,
  {
    name,
    args,
    environment,
    logFile,
  }: { name: string; args: string[]; environment: NodeJS.ProcessEnv; logFile: string },
): Running {
  const log = openSync(logFile, 'a');
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NODE_COMPILE_CACHE: compileCache, ...environment };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  guard.watch('process', pid);
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    guard.gone(pid);
    return typeof code === 'number' ? code : String(signal);
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (isAlive()) child.kill(signal);
    return ended;
  };
  return { name, pid, ended, isAlive, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}
