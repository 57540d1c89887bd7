import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Environment } from '../../src/config.ts';
import { until } from './until.ts';

const entry = resolve(import.meta.dirname, '../../bin/likeness.js');

export type Running = {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until standard output or error contains the text. */
  shows(text: string): Promise<void>;
  /** The exit code; -1 for a signal. */
  ended: Promise<number>;
};

type Scope = { teardown(handler: () => Promise<void>): unknown };

/**
 * Starts `likeness` with only the given environment, and ends it with the scope.
 * @param cwd the working directory, whose `.env` file counts
 */
export function startCommand(t: Scope, args: string[], environment: Environment = {}, cwd?: string): Running {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...inherited(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd && { cwd }),
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : -1));
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    shows: async (text) => {
      await until(
        `the output "${text}"`,
        async () => {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${err}${out}`);
          return out.includes(text) || err.includes(text);
        },
        60_000,
      );
    },
    ended,
  };
}

export async function runCommand(t: Scope, args: string[], environment: Environment = {}, cwd?: string) {
  const running = startCommand(t, args, environment, cwd);
  const code = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

// Coverage is passed on only while it is measured, since it slows each start.
function inherited(): Environment {
  const isMeasured = process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '1';
  const names = isMeasured
    ? /^(PATH|HOME|TMPDIR|NODE_OPTIONS|NODE_COMPILE_CACHE|NODE_DISABLE_COMPILE_CACHE|_?TAP.*)$/
    : /^(PATH|HOME|TMPDIR|NODE_COMPILE_CACHE)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}
