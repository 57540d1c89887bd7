import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { t } from '../../support/tap.ts';
import { removeAbandoned, withScratch } from '../../../src/platform/storage/scratch.ts';
import { startService } from '../../support/service.ts';

const run = promisify(execFile);
const scratch = resolve(import.meta.dirname, '../../../src/platform/storage/scratch.ts');
const service = await startService(t);

const folder = t.testdir();
const before = process.env['TMPDIR'];
process.env['TMPDIR'] = folder;
t.teardown(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
});
const log = { warn: () => undefined };

/** A process that is killed in the middle of packing photos. */
async function die(): Promise<string> {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { withScratch } from ${JSON.stringify(scratch)};
    await withScratch('archive', async (folder) => {
      writeFileSync(folder + '/photos.zip', 'faces');
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => setInterval(() => {}, 1000));
    });`;
  await run(process.execPath, ['--input-type=module', '--eval', program]).catch(() => undefined);
  const [left] = await readdir(folder);
  if (left === undefined) throw new Error('nothing was left');
  return left;
}

t.test('a folder is its owner’s alone, and goes when the work is done or fails', async (t) => {
  await withScratch('photos', async (path) => {
    t.equal((await stat(path)).mode & 0o777, 0o700);
    t.equal(await removeAbandoned(log), 0, 'one in use stays');
    t.ok(await stat(path));
  });
  await t.rejects(
    withScratch('photos', () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  t.same(await readdir(folder), []);
});

t.test('what a killed process leaves is removed at the next start', async (t) => {
  const left = await die();
  t.same(await readdir(join(folder, left)), ['photos.zip']);
  // Another process of the service starts beside the one of this file, over the same temporary folder.
  const { buildApp } = await import('../../../src/app.ts');
  const app = await buildApp(service.config, { role: 'api', log: service.app.log });
  t.teardown(() => app.close());
  await app.ready();
  t.same(await readdir(folder), []);
});

t.test('by another’s process nothing is known, so its folder goes by age; what is not ours stays', async (t) => {
  const old = new Date(Date.now() - 25 * 3600 * 1000);
  const names = {
    elsewhere: `likeness-photos-00000000-${process.pid}-aaaaaaaa-abcdef`,
    oldElsewhere: 'likeness-artifacts-00000000-1-aaaaaaaa-abcdef',
    other: 'likeness-photos-of-somebody',
  };
  for (const name of Object.values(names)) await mkdir(join(folder, name));
  await writeFile(join(folder, names.oldElsewhere, 'lora.safetensors'), 'x');
  await utimes(join(folder, names.oldElsewhere), old, old);
  await utimes(join(folder, names.other), old, old);
  t.equal(await removeAbandoned(log), 1);
  t.same((await readdir(folder)).toSorted(), [names.elsewhere, names.other].toSorted());
});

t.test('temporary folders are made in one place alone', async (t) => {
  const src = resolve(import.meta.dirname, '../../../src');
  const makers: string[] = [];
  for (const name of await readdir(src, { recursive: true })) {
    if (name.endsWith('.ts') && (await readFile(join(src, name), 'utf8')).includes('mkdtemp')) makers.push(name);
  }
  t.same(makers, ['platform/storage/scratch.ts']);
});

t.test('a temporary folder that can’t be made is a fault of the disk', async (t) => {
  process.env['TMPDIR'] = join(folder, 'missing');
  await t.rejects(
    withScratch('photos', async () => undefined),
    { name: 'StorageError', code: 'unavailable' },
  );
  process.env['TMPDIR'] = folder;
});
