import { AsyncLocalStorage } from 'node:async_hooks';
import { join, relative } from 'node:path';
import t, { type Test } from 'tap';
import { enterFile } from './tap.ts';

const fileTimeoutMs = 300_000;

/** The file that a callback belongs to, however late it runs. */
const origin = new AsyncLocalStorage<Test>();

/**
 * Runs test files in this process, one after another. An uncaught error fails the file that it comes from, in its
 * running test, or as a line of its own when that file has ended; the other files run on. A failed file is followed by
 * the command that runs it alone.
 * @param folder that the files are relative to
 */
export async function runFiles(folder: string, files: readonly string[]): Promise<void> {
  let current: Test | undefined;
  const blame = (thrown: unknown): void => {
    const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
    const file = origin.getStore() ?? current;
    const test = file === current && file && innermost(file);
    if (test && !test.results) return void test.threw(error);
    failRoot(file?.name ?? 'no test file', current?.name, error);
    if (file) tellHowToRun(join(folder, file.name));
  };
  process.on('uncaughtException', blame).on('unhandledRejection', blame);
  t.setTimeout(fileTimeoutMs * files.length);
  for (const file of files) {
    const result = await t.test(file, { timeout: fileTimeoutMs, at: null }, async (test) => {
      current = test;
      enterFile(test);
      await origin.run(test, () => import(join(folder, file)));
    });
    if (result?.ok === false) tellHowToRun(join(folder, file));
  }
}

function innermost(test: Test): Test {
  const running = [...test.activeSubtests].at(-1);
  return running ? innermost(running as Test) : test;
}

function failRoot(file: string, meanwhile: string | undefined, error: Error): void {
  const thrown = error.stack?.split('\n').map((line) => line.trim());
  t.fail(`${file}: ${error.message} (thrown while ${meanwhile ?? 'nothing'} ran)`, { at: null, stack: '', thrown });
}

function tellHowToRun(path: string): void {
  t.comment(`alone: npx tap run ${relative(process.cwd(), path)}`);
}
