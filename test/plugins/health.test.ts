import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../support/tap.ts';
import { createTestDatabase, queryOnce, testServer } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { until } from '../support/until.ts';

t.test('alive, and ready', async (t) => {
  const { url } = await startService(t);
  t.same(await (await fetch(`${url}/livez`)).json(), { status: 'alive' });
  await becomesReady(url);
  t.same(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' });
});

t.test('not ready without its object store, or behind its migrations', async (t) => {
  const { url, folder, database } = await startService(t);
  const readiness = () => readinessOf(url);
  await becomesReady(url);
  await rm(join(folder, 'storage', 'likeness-installation.json'));
  t.same(await readiness(), { status: 503, code: 'not-ready', faults: ['storage-unavailable'] });

  await queryOnce(database.url, 'update drizzle.__drizzle_migrations set hash = $1', ['x']);
  t.same((await readiness()).faults, ['migrations', 'storage-unavailable']);
  t.equal((await fetch(`${url}/livez`)).status, 200, 'and alive all the same');
});

t.test('not ready once its database is gone for good, and ends all the same', async (t) => {
  const { app, url, database } = await startService(t);
  await becomesReady(url);
  await queryOnce(await testServer(), `drop database ${database.name} with (force)`);
  t.same(await readinessOf(url), withoutDatabase);
  t.equal((await fetch(`${url}/livez`)).status, 200, 'and alive all the same');
  await app.close();
});

t.test('not ready while its database is silent, and ends all the same', async (t) => {
  const proxy = await silentProxy(t, (await createTestDatabase(t)).url);
  const { app, url } = await startService(t, {
    environment: { DATABASE_URL: proxy.url, SHUTDOWN_GRACE_SECONDS: '0.5' },
  });
  await becomesReady(url);
  proxy.silence();
  t.same(await readinessOf(url), withoutDatabase);
  // No statement that waits would ever end, and closing with it.
  await app.close();
});

t.test('probes that come while the database is slow ask it once', async (t) => {
  const { url, database } = await startService(t);
  await becomesReady(url);
  const holder = await database.pool.connect();
  await holder.query('begin; lock table drizzle.__drizzle_migrations');
  const probes = await Promise.all(Array.from({ length: 5 }, () => readinessOf(url)));
  t.same(
    probes,
    Array.from(probes, () => withoutDatabase),
    'each is answered after two seconds',
  );
  const { rows } = await database.pool.query(
    `select from pg_locks where relation = 'drizzle.__drizzle_migrations'::regclass and not granted`,
  );
  t.equal(rows.length, 1, 'one question waits for all of them');
  await holder.query('rollback');
  holder.release();
  await becomesReady(url);
});

const withoutDatabase = { status: 503, code: 'not-ready', faults: ['database-unavailable'] };

// The first look takes the longest, and on a busy machine more than its two seconds.
async function becomesReady(url: string): Promise<void> {
  await until('the service is ready', async () => (await fetch(`${url}/readyz`)).status === 200);
}

async function readinessOf(url: string) {
  const response = await fetch(`${url}/readyz`);
  const { code, errors = [] } = (await response.json()) as { code?: string; errors?: { code: string }[] };
  return { status: response.status, code, faults: errors.map((each) => each.code) };
}
