import { t } from '../../support/tap.ts';
import { connectClient } from '../../../src/platform/db/bounded-client.ts';
import { createDatabase } from '../../../src/platform/db/client.ts';
import { isDatabaseUnavailable } from '../../../src/platform/db/faults.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { until } from '../../support/until.ts';

t.test('a pool throws away connections that fall silent, and all works once new ones get through', async (t) => {
  const proxy = await silentProxy(t, (await createTestDatabase(t)).url);
  const { pool, db, close } = createDatabase(proxy.url, { max: 3, statementTimeoutMs: 200 });
  t.teardown(close);
  const inUse = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of inUse) client.release();
  const ask = () => pool.query('select 1');
  await ask();
  t.equal(pool.totalCount, 3);

  proxy.silence();
  const failed = await ask().catch((error: unknown) => error);
  t.ok(isDatabaseUnavailable(failed), String(failed));
  await until('the idle ones to be thrown away with it', () => pool.totalCount === 0);
  const transaction = db.transaction((tx) => tx.execute('select 1'));
  const held = await transaction.catch((error: unknown) => error);
  t.ok(isDatabaseUnavailable(held), 'so is one that was being made');
  proxy.speak();
  t.match(await ask(), { rowCount: 1 }, 'the first question after the silence is answered');
});

t.test('a transaction in the middle of which the server falls silent ends, and its connection with it', async (t) => {
  const proxy = await silentProxy(t, (await createTestDatabase(t)).url);
  const { pool, db, close } = createDatabase(proxy.url, { max: 1, statementTimeoutMs: 200 });
  t.teardown(close);
  const failed = await db
    .transaction(async (tx) => {
      await tx.execute('select 1');
      proxy.silence();
      await tx.execute('select 2');
    })
    .catch((error: unknown) => error);
  t.ok(isDatabaseUnavailable(failed), String(failed));
  proxy.speak();
  t.match(await pool.query('select 1'), { rowCount: 1 }, 'the only place of the pool is free');
});

t.test('a slow statement is ended by the server, which keeps the connection', async (t) => {
  const { url } = await createTestDatabase(t);
  const { pool, close } = createDatabase(url, { max: 1, statementTimeoutMs: 100 });
  t.teardown(close);
  const backend = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid;
  const first = await backend();
  const client = await pool.connect();
  await t.rejects(client.query('select pg_sleep(60)'), { code: '57014' });
  client.release();
  t.equal(await backend(), first);
});

t.test('a connection to a server that takes no writes is not kept', async (t) => {
  const { url } = await createTestDatabase(t);
  const { pool, db, close } = createDatabase(url, { max: 1 });
  t.teardown(close);
  await pool.query('set default_transaction_read_only = on');
  const failed = await db
    .transaction((tx) => tx.execute('create table written (a int)'))
    .catch((error: unknown) => error);
  t.ok(isDatabaseUnavailable(failed), String(failed));
  await until('another session, which is not read-only', async () => {
    const { rows } = await pool.query('show default_transaction_read_only');
    return rows[0].default_transaction_read_only === 'off';
  });
});

t.test('a client whose first step fails is ended, as is one whose farewell has no answer', async (t) => {
  const { url } = await createTestDatabase(t);
  await t.rejects(
    connectClient({ connectionString: url, application_name: 'left over' }, (client) => client.query('listen "')),
    { code: '42601' },
  );
  await until('no connection to be left', async () => {
    const left = await queryOnce(url, `select from pg_stat_activity where application_name = 'left over'`);
    return left.length === 0;
  });
  const proxy = await silentProxy(t, url);
  const client = await connectClient({ connectionString: proxy.url });
  proxy.silence();
  await client.end();
  await until('the connection to be cut', () => proxy.open() === 0);
});
