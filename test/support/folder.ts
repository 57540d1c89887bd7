import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { enterFile } from './tap.ts';

const fileTimeoutMs = 300_000;

/**
 * Runs the test files of a folder one after another in this process. Most of the time of a short file is the start of its
 * process: here the service is loaded and compiled once for all of them.
 */
export async function runFolder(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts')).sort();
  t.setTimeout(fileTimeoutMs * files.length);
  for (const name of files) {
    await t.test(name, { timeout: fileTimeoutMs }, async (test) => {
      enterFile(test);
      await import(join(folder, name));
    });
  }
}
