import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { t, type Test } from '../support/tap.ts';
import { type Environment, makeConfig, readSettings } from '../../src/config.ts';
import { BootError } from '../../src/errors.ts';
import { createDatabase } from '../../src/platform/db/client.ts';
import { markerKey, pinInstallation } from '../../src/platform/installation/installation.ts';
import { createStorage } from '../../src/platform/storage/flydrive-storage.ts';
import { createTestDatabase } from '../support/postgres.ts';

/** A boot of one machine: its folder stands for its object store. */
async function boot(t: Test, databaseUrl: string, folder: string, changes: Environment = {}) {
  const storageUrl = pathToFileURL(folder).href;
  const config = makeConfig(
    readSettings({
      FAL_MODE: 'sandbox',
      FAL_BASE_URL: 'http://127.0.0.1:9',
      DATABASE_URL: databaseUrl,
      STORAGE_URL: storageUrl,
      PUBLIC_URL: 'https://likeness.example',
      ...changes,
    }),
  );
  const { db, close } = createDatabase(databaseUrl, { max: 2 });
  t.teardown(close);
  const storage = await createStorage(storageUrl);
  return { storage, pin: () => pinInstallation({ db, storage }, config.fal.mode) };
}

const live = { FAL_MODE: 'live', FAL_KEY: 'id:secret', FAL_BASE_URL: undefined };

t.test('the first boot pins database, store and mode; later ones find the same', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  const folder = join(t.testdir(), 'store');
  const first = await boot(t, url, folder);
  const pinned = await first.pin();
  t.equal(pinned.falMode, 'sandbox');
  t.equal(pinned.secret.length, 32);
  const marker = JSON.parse(Buffer.from(await first.storage.bytes(markerKey)).toString());
  t.same(marker, { storage_id: pinned.storageId });
  t.same(await first.pin(), pinned);
  t.same(await (await boot(t, url, folder)).pin(), pinned, 'in another process as well');
  t.equal((await pool.query('select from installation')).rowCount, 1);
});

t.test('two first boots at once agree', async (t) => {
  for (let round = 0; round < 3; round += 1) {
    const { url } = await createTestDatabase(t);
    const folder = join(t.testdir(), `store-${round}`);
    const boots = await Promise.all([0, 1, 2, 3].map(() => boot(t, url, folder)));
    const [first, ...others] = await Promise.all(boots.map(({ pin }) => pin()));
    for (const other of others) t.same(other, first);
  }
});

t.test('another mode is refused, in both directions, and nothing is changed by it', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = join(t.testdir(), 'store');
  const sandboxed = await boot(t, url, folder);
  const pinned = await sandboxed.pin();
  const refusal = await failureOf((await boot(t, url, folder, live)).pin());
  t.match(refusal.message, /first used with FAL_MODE=sandbox and can't be used with FAL_MODE=live/);
  t.equal(refusal.exitCode, 78);
  t.same(await sandboxed.pin(), pinned);

  const other = await createTestDatabase(t);
  const store = join(folder, '..', 'live');
  await (await boot(t, other.url, store, live)).pin();
  t.match((await failureOf((await boot(t, other.url, store)).pin())).message, /first used with FAL_MODE=live/);
});

t.test('another store is refused: two machines with a disk each are found out', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = t.testdir();
  await (await boot(t, url, join(folder, 'one'))).pin();
  const other = await boot(t, url, join(folder, 'two'));
  const refusal = await failureOf(other.pin());
  t.match(refusal.message, /is not the object store this database was first used with \(its marker is missing\)/);
  t.equal(refusal.exitCode, 78);
  t.equal(await other.storage.exists(markerKey), false, 'it was not marked on the way');

  const foreign = await createTestDatabase(t);
  await (await boot(t, foreign.url, join(folder, 'two'))).pin();
  const mixed = await failureOf((await boot(t, url, join(folder, 'two'))).pin());
  t.match(mixed.message, /is not the object store this database was first used with: name that store/);
});

t.test('a store whose marker is gone or spoilt is refused, and accepted again with it', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = join(t.testdir(), 'store');
  const machine = await boot(t, url, folder);
  const pinned = await machine.pin();
  await rename(join(folder, markerKey), join(folder, 'away'));
  t.match((await failureOf(machine.pin())).message, /its marker is missing/);
  for (const text of ['', '{', 'null', '{"storage_id": 7}']) {
    await machine.storage.putBytes(markerKey, Buffer.from(text), 'application/json');
    t.match((await failureOf(machine.pin())).message, /its marker can't be read/, JSON.stringify(text));
  }
  await rename(join(folder, 'away'), join(folder, markerKey));
  t.same(await machine.pin(), pinned);
});

t.test('a first boot that died after the marker is taken up', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  const machine = await boot(t, url, join(t.testdir(), 'store'));
  const { storageId } = await machine.pin();
  await pool.query('delete from installation');
  t.equal((await machine.pin()).storageId, storageId);
});

async function failureOf(work: Promise<unknown>): Promise<BootError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BootError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
