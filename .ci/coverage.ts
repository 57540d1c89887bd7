import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { relative, resolve } from 'node:path';

/* Fails when a source file has less than 85 % of its lines run by the tests, unless a reason stands here. */

const least = 85;
const reasons: Record<string, string> = {
  'src/commands/dev.ts': 'It watches files and restarts processes until it is ended; tried by hand.',
  'src/commands/start.ts': 'What it is made of is tested; as a whole it works on the database of the clone.',
  'src/commands/demo.ts': 'Run as a whole by .ci/run.',
  'src/commands/openapi.ts': 'A test compares what it writes.',
};

type Summary = Record<string, { lines: { total: number; pct: number } }>;

const root = resolve(import.meta.dirname, '..');
const summary = JSON.parse(await readFile(resolve(root, '.tap/report/coverage-summary.json'), 'utf8')) as Summary;
const covered = new Map(Object.entries(summary).map(([path, { lines }]) => [relative(root, path), lines]));
const folders = ['src', 'packages/embedded-postgres/src', 'packages/fal-sandbox/src', 'packages/schema-tools/src'];
const files = (await Promise.all(folders.map(sourcesIn))).flat();

const low: string[] = [];
for (const file of files) {
  const { pct } = covered.get(file) ?? { pct: (await holdsCode(file)) ? 0 : 100 };
  if (pct < least && reasons[file] === undefined) low.push(`${file}: ${pct} % of its lines`);
}
async function sourcesIn(folder: string): Promise<string[]> {
  const names = await readdir(resolve(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

// A file of types alone is never loaded.
async function holdsCode(file: string): Promise<boolean> {
  const code = stripTypeScriptTypes(await readFile(resolve(root, file), 'utf8'));
  return code.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '').trim() !== '';
}

if (low.length > 0) {
  process.stderr.write(`Less than ${least} % is run by the tests:\n${low.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
}
