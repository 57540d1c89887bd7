import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApp } from '../../src/app.ts';
import { t, type Test } from '../support/tap.ts';
import { createTestDatabase, queryOnce, testServer } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { silentProxy } from '../../lab/ground/silent-proxy.ts';
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

t.test('not ready while the database takes no writes, whatever the reason', async (t) => {
  const { url, database } = await startService(t);
  await becomesReady(url);
  await database.pool.query(`
    create function be_full() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file' using errcode = '53100'; end $$;
    create trigger be_full before update on installation for each row execute function be_full()`);
  t.same((await readinessOf(url)).faults, ['database-unwritable']);
  await database.pool.query('drop function be_full cascade');
  await becomesReady(url);
  await setReadOnly(database.name, 'on');
  t.teardown(() => setReadOnly(database.name, 'off'));
  await until('it to be noticed', async () => (await readinessOf(url)).faults.includes('database-unwritable'));
  await setReadOnly(database.name, 'off');
  await becomesReady(url);
});

t.test('not ready while LISTEN is refused, which costs no connection, and ready again after it', async (t) => {
  const { url: direct, pool } = await createTestDatabase(t);
  const proxy = await silentProxy(t, direct);
  const { app, url } = await startService(t, { environment: { DATABASE_URL: proxy.url } });
  await becomesReady(url);
  // As a standby refuses it; the length of the message stays.
  proxy.rewrite((bytes) =>
    Buffer.from(bytes.toString('latin1').replace('listen likeness', 'listen !ikeness'), 'latin1'),
  );
  const listening = async () =>
    (
      await pool.query(
        `select pid from pg_stat_activity where application_name = 'likeness wakeups' and datname = current_database()`,
      )
    ).rows;
  const [first] = await listening();
  await pool.query('select pg_terminate_backend($1)', [first.pid]);
  await until('it to be noticed', async () => (await readinessOf(url)).faults.includes('wakeups-unavailable'));
  t.ok((await listening()).length <= 1, 'each connection that could not listen was ended');
  proxy.rewrite(null);
  await becomesReady(url);
  t.equal(app.wakeups.deafMs(), 0);
  t.equal((await listening()).length, 1);
});

t.test('not ready to work while events get no number', async (t) => {
  const { url, database } = await startService(t);
  await becomesReady(url);
  const holder = await database.pool.connect();
  await holder.query(`select pg_advisory_lock(hashtextextended('likeness:events', 0))`);
  await holder.query(
    `insert into events (id, type, data, created_at) values (gen_random_uuid(), 'photo.added', '{}', now() - interval '1 minute')`,
  );
  await until('it to be noticed', async () => (await readinessOf(url)).faults.includes('events-stalled'));
  await holder.query('select pg_advisory_unlock_all()');
  holder.release();
  await becomesReady(url);
});

t.test('not ready while temporary files can not be written', async (t) => {
  const { url } = await startService(t);
  await becomesReady(url);
  withoutTemporaryFiles(t);
  t.same((await readinessOf(url)).faults, ['scratch-unavailable']);
});

t.test('a start without a place for temporary files ends with a sentence', async (t) => {
  const { app, config } = await startService(t);
  await app.close();
  withoutTemporaryFiles(t);
  await t.rejects(buildApp(config), {
    name: 'BootError',
    exitCode: 1,
    message: /^Temporary files can't be written in \/dev\/null\/no-folder \(.*ENOTDIR.*\): .* TMPDIR\.$/,
  });
});

async function setReadOnly(database: string, state: 'on' | 'off'): Promise<void> {
  const server = await testServer();
  await queryOnce(server, `alter database ${database} set default_transaction_read_only = ${state}`);
  await queryOnce(server, `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [database]);
}

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

function withoutTemporaryFiles(t: Test): void {
  const { TMPDIR } = process.env;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  process.env['TMPDIR'] = '/dev/null/no-folder';
}
