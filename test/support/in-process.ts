import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli.ts';
import type { Environment } from '../../src/config.ts';
import type { Scope } from './postgres.ts';

export type Answered = { code: number | undefined; stdout: string; stderr: string };

/**
 * Runs a `likeness db` command in this process, in a tenth of the time of a new one. Captures its answer by a file, and
 * standard error; so only one may run at a time.
 */
export async function runHere(args: string[]): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-answer-'));
  const out = join(folder, 'answer');
  try {
    const { code, stderr } = await caught(['stderr'], () => main([...args, '--out', out]));
    return { code, stdout: await readFile(out, 'utf8').catch(() => ''), stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs another command, capturing both outputs; only one may run at a time. */
export function runShowing(args: string[]): Promise<Answered> {
  return caught(['stdout', 'stderr'], () => main(args));
}

/** Sets environment variables until the scope ends, since other files may run in this process. */
export function setEnvironment(scope: Scope, variables: Environment): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  scope.teardown(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

async function caught(
  streams: readonly ('stdout' | 'stderr')[],
  run: () => Promise<number | undefined>,
): Promise<Answered> {
  const seen = { stdout: '', stderr: '' };
  const writers = streams.map((stream) => [stream, process[stream].write] as const);
  for (const stream of streams) {
    process[stream].write = (chunk: string | Uint8Array) => {
      seen[stream] += String(chunk);
      return true;
    };
  }
  try {
    return { code: await run(), ...seen };
  } finally {
    for (const [stream, write] of writers) process[stream].write = write;
  }
}
