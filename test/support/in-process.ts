import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli.ts';

export type Answered = { code: number | undefined; stdout: string; stderr: string };

/**
 * Runs a `likeness db` command in this process, which takes a tenth of the time of a process of its own. Its answer goes
 * through a file, and what it says on standard error is caught; so one at a time.
 */
export async function runHere(args: string[]): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-answer-'));
  const out = join(folder, 'answer');
  let stderr = '';
  const { write } = process.stderr;
  process.stderr.write = (chunk: string | Uint8Array) => {
    stderr += String(chunk);
    return true;
  };
  try {
    const code = await main([...args, '--out', out]);
    return { code, stdout: await readFile(out, 'utf8').catch(() => ''), stderr };
  } finally {
    process.stderr.write = write;
    await rm(folder, { recursive: true, force: true });
  }
}
