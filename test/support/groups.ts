import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runFiles } from './run-files.ts';

const tests = resolve(import.meta.dirname, '..');

/**
 * The folders whose tests share a process, one file after another; `1/2` is every other file. Sharing saves loading and
 * warming up the service. The longest groups start first, to keep all processors busy.
 */
const groups: readonly (readonly string[])[] = [
  ['lab'],
  ['packages/client', 'features/webhooks'],
  ['fal-jobs', 'platform/http', 'platform/async', 'platform/idempotency', 'features/photos', 'features/images'],
  ['features/trainings', 'features/loras', 'features/keys', 'platform/db', 'packages/embedded-postgres'],
  ['plugins', 'features/inbox', 'platform/jobs', 'features/users', 'features/erasure', 'commands'],
  ['journeys', 'api', 'fal'],
  [
    'features/events',
    'packages/fal-sandbox',
    'features/avatars',
    'platform/storage',
    'features/trainers',
    'features/models',
    'features/packs',
    'features/generations',
  ],
  ['packages/schema-tools 1/2', 'adoption'],
  ['packages/schema-tools 2/2'],
];

/**
 * Runs the test files of a group, numbered from 1.
 * @throws when a test file is in no group, or a group has no file that runs it
 */
export async function runGroup(number: number): Promise<void> {
  const paths = await readdir(tests, { recursive: true });
  const runners = paths.filter((path) => /^group-\d+\.ts$/.test(path)).length;
  if (runners !== groups.length) throw new Error(`${groups.length} groups are run by ${runners} files test/group-N.ts`);
  const found = paths.filter((path) => /^[\w-]+\/.+\.test\.ts$/.test(path));
  const grouped = groups.map((group) => group.flatMap((entry) => filesOf(entry, found)));
  const forgotten = found.find((path) => !grouped.flat().includes(path));
  if (forgotten !== undefined) throw new Error(`${forgotten} is in no group of test/support/groups.ts`);
  await runFiles(tests, grouped[number - 1] ?? []);
}

function filesOf(entry: string, found: string[]): string[] {
  const [folder = '', part = '1/1'] = entry.split(' ');
  const [number = 1, of = 1] = part.split('/').map(Number);
  return found
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()
    .filter((_, index) => index % of === number - 1);
}
