import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { enterFile } from './tap.ts';

const fileTimeoutMs = 300_000;

/**
 * Runs the test files of a folder one after another in this process. Most of the time of a short file is the start of its
 * process: here the service is loaded and compiled once for all of them.
 * @param part every `of`-th file from the one numbered `number`, beginning with 1, where other processes run the rest: a
 *   folder that takes long would have the last of the processors to itself
 */
export async function runFolder(folder: string, part = { number: 1, of: 1 }): Promise<void> {
  const all = (await readdir(folder)).filter((name) => name.endsWith('.test.ts')).sort();
  const files = all.filter((_, index) => index % part.of === part.number - 1);
  t.setTimeout(fileTimeoutMs * files.length);
  for (const name of files) {
    await t.test(name, { timeout: fileTimeoutMs }, async (test) => {
      enterFile(test);
      await import(join(folder, name));
    });
  }
}
