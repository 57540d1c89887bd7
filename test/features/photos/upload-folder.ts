import { readdir } from 'node:fs/promises';
import type { Test } from '../../support/tap.ts';

/**
 * Gives uploads a temporary folder of their own, until the scope ends, and tells which of them are there. Call it after
 * what else is started: a test database's server has its socket in the temporary folder too.
 */
export function ownUploadFolder(t: Test): () => Promise<string[]> {
  const folder = t.testdir();
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  return async () => (await readdir(folder)).filter((name) => name.startsWith('likeness-photos-'));
}
