import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readSettings } from '../../src/config.ts';
import { createDatabase } from '../../src/platform/db/client.ts';
import { developmentKey } from '../../src/commands/development/api-key.ts';
import { commandDatabase } from '../../src/commands/development/command-database.ts';
import { demoDatabase } from '../../src/commands/development/demo-database.ts';
import { prepareSurroundings } from '../../src/commands/development/surroundings.ts';
import { hashKey } from '../../src/features/keys/secret.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../support/postgres.ts';

function prepare(environment: Record<string, string>, folder: string, ends: AsyncDisposableStack) {
  return prepareSurroundings(
    { environment: { PORT: '0', ...environment }, sandboxByDefault: true, speed: 40, folder },
    ends,
  );
}

t.test('a development start is given what it lacks, and takes it away at its end', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const ends = new AsyncDisposableStack();
  t.teardown(() => ends.disposeAsync());
  const folder = t.testdir();
  const { environment, defaults } = await prepare({ DATABASE_URL: url, POLL_SECONDS: '7' }, folder, ends);
  t.match(environment, { FAL_MODE: 'sandbox', POLL_FIRST_SECONDS: '0.3', POLL_SECONDS: '7' });
  t.equal(environment['ALLOW_PRIVATE_WEBHOOKS'], 'true', 'a receiver of webhooks may be on this machine');
  t.equal(defaults.publicUrl, `http://127.0.0.1:${environment['PORT']}`);
  t.equal(defaults.storageUrl, `file://${folder}/storage`);
  const [table] = await queryOnce(url, `select to_regclass('public.avatars')::text as name`);
  t.equal(table?.['name'], 'avatars', 'the database is migrated');
  t.equal((await fetch(`${defaults.sandboxUrl}/_sandbox/jobs`)).status, 200, 'the sandbox answers');

  await t.rejects(prepare({ DATABASE_URL: url }, folder, ends), {
    name: 'BootError',
    message: /^Another development start uses this database with a sandbox of its own/,
    exitCode: 1,
  });

  await ends.disposeAsync();
  await t.rejects(fetch(`${defaults.sandboxUrl}/_sandbox/jobs`), 'the sandbox has ended');
  const again = new AsyncDisposableStack();
  t.teardown(() => again.disposeAsync());
  await t.resolves(prepare({ DATABASE_URL: url }, folder, again), 'the database is free');
});

t.test('a sandbox that runs already is used', async (t) => {
  const { url } = await createTestDatabase(t);
  await using ends = new AsyncDisposableStack();
  const given = { DATABASE_URL: url, FAL_BASE_URL: 'http://127.0.0.1:9' };
  const { defaults } = await prepare(given, t.testdir(), ends);
  t.equal(defaults.sandboxUrl, undefined);
});

t.test(
  'the key of development is made once, kept for its owner alone, and made anew when it no longer works',
  async (t) => {
    const { db, url } = await createTestDatabase(t);
    const folder = t.testdir();
    const first = await developmentKey({ db }, folder);
    t.equal(await readFile(first.file, 'utf8'), `${first.key}\n`);
    t.equal((await stat(first.file)).mode & 0o777, 0o600);
    t.same(await developmentKey({ db }, folder), first);
    await queryOnce(url, 'update api_keys set revoked_at = now() where key_hash = $1', [hashKey(first.key)]);
    const second = await developmentKey({ db }, folder);
    t.not(second.key, first.key);
    await writeFile(second.file, 'lk_of_another_database\n');
    t.match((await developmentKey({ db }, folder)).key, /^lk_[\w-]{43}$/);
  },
);

t.test(
  'a command works on DATABASE_URL, else on the migrated database of the clone, and in production on no other',
  async (t) => {
    await using ends = new AsyncDisposableStack();
    const given = 'postgresql://127.0.0.1/given';
    t.equal(await commandDatabase(readSettings({ DATABASE_URL: given }), ends), given);
    await t.rejects(commandDatabase(readSettings({ NODE_ENV: 'production' }), ends), {
      name: 'BootError',
      exitCode: 78,
      message: /DATABASE_URL is not set/,
    });
    // PostgreSQL's own account has to enter it.
    const folder = await mkdtemp(join(tmpdir(), 'likeness-clone-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const url = await commandDatabase(readSettings({}), ends, folder);
    t.same(await queryOnce(url, 'select count(*)::int as users from users'), [{ users: 0 }]);
  },
);

t.test('the demo leaves the database it is given as it is', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const ends = new AsyncDisposableStack();
  const { DATABASE_URL = '' } = await demoDatabase({ DATABASE_URL: url }, ends);
  t.match(DATABASE_URL, /\/likeness_demo_[0-9a-f]{12}$/);
  const database = createDatabase(DATABASE_URL);
  await database.pool.query('select 1');
  await database.close();
  await ends.disposeAsync();
  await t.rejects(queryOnce(DATABASE_URL, 'select 1'), { code: '3D000' });
  t.same(await demoDatabase({}, ends), {}, 'nothing to do for the embedded one');
});
