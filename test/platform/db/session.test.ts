import { pino } from 'pino';
import pg from 'pg';
import { createWakeups } from '../../../src/platform/jobs/wakeups.ts';
import { createDatabase } from '../../../src/platform/db/client.ts';
import { readTime } from '../../../src/platform/db/prepared.ts';
import { settleSession } from '../../../src/platform/db/session.ts';
import { readDatabaseUrl } from '../../../src/platform/db/url.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { startApp } from '../../support/app.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

// Each is another one than the code leans on, set where an operator or another tool would have set it.
const foreign: Record<string, string> = {
  timezone: 'Asia/Kathmandu',
  datestyle: 'German',
  intervalstyle: 'iso_8601',
  extra_float_digits: '-3',
  bytea_output: 'escape',
  xmlbinary: 'hex',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  search_path: 'elsewhere',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  idle_session_timeout: '1d',
  statement_timeout: '1d',
  lock_timeout: '1d',
  idle_in_transaction_session_timeout: '1d',
};

async function unsettle(url: string): Promise<void> {
  const alter = Object.entries(foreign)
    .map(([name, value]) => `execute format('alter database %I set ${name} = %L', current_database(), '${value}');`)
    .join('\n');
  await queryOnce(url, `create schema elsewhere; create table elsewhere.users (id int); do $$ begin ${alter} end $$`);
}

const differing = `select name from pg_settings where name = any($1) and setting <> reset_val order by 1`;

t.test('every connection has the session that the code leans on, whatever the database says', async (t) => {
  const { url } = await createTestDatabase(t);
  await unsettle(url);
  const names = Object.keys(foreign).map((name) => ({ timezone: 'TimeZone', datestyle: 'DateStyle' })[name] ?? name);
  const settled = names.map((name) => (name === 'intervalstyle' ? 'IntervalStyle' : name)).sort();
  const expect = (rows: { name: string }[], where: string) =>
    t.strictSame(rows.map(({ name }) => name).sort(), settled, where);

  const { pool, close } = createDatabase(url, { statementTimeoutMs: 5000, lockTimeoutMs: 5000, max: 1 });
  t.teardown(close);
  expect((await pool.query(differing, [settled])).rows, 'of the pool');
  t.strictSame((await pool.query('show search_path')).rows, [{ search_path: 'public' }]);
  await withConnection(url, 'test', async (client) => {
    expect((await client.query(differing, [settled])).rows, 'of the schema tools');
  });
  const clients: pg.Client[] = [];
  const connect: unknown = Reflect.get(pg.Client.prototype, '_connect');
  t.teardown(async () => void Reflect.set(pg.Client.prototype, '_connect', connect));
  Reflect.set(pg.Client.prototype, '_connect', function seen(this: pg.Client, ...args: unknown[]) {
    clients.push(this);
    return Reflect.apply(connect as () => unknown, this, args);
  });
  const wakeups = await createWakeups(url, pino({ level: 'silent' }));
  t.teardown(() => wakeups.close());
  expect((await clients[0]?.query(differing, [settled]))?.rows ?? [], 'of the wake-ups');
});

t.test('the service works in a database whose settings are another country', async (t) => {
  const foreignDatabase = await createTestDatabase(t);
  await unsettle(foreignDatabase.url);
  const { call, makeUser } = await startApp(t, { environment: { DATABASE_URL: foreignDatabase.url } });
  const before = Date.now();
  const user = await makeUser();
  const made = await call('POST', '/v1/avatars', {
    json: { user_id: user.id, name: 'Ada', gender: 'female', training_type: 'portrait' },
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const { status, body } = await call('GET', `/v1/avatars/${made.body.id}`);
  t.equal(status, 200);
  t.ok(Math.abs(Date.parse(body.created_at) - before) < 60_000, 'and its times are now');
  t.equal((await call('GET', '/v1/avatars')).body.data.length, 1);
});

t.test('a session that loses its settings is not worked in', async (t) => {
  const { url } = await createTestDatabase(t);
  const client = new pg.Client(readDatabaseUrl(url));
  await client.connect();
  t.teardown(() => client.end());
  const query = client.query.bind(client);
  // As a pooler in transaction mode does: each transaction may be in another session.
  const scattered = async (config: pg.QueryConfig) => {
    const answer = await query(config);
    await query('discard all');
    return answer;
  };
  Reflect.set(client, 'query', scattered);
  await t.rejects(settleSession(client, { statementTimeoutMs: 1000 }), {
    name: 'SessionError',
    message: /does not keep its settings \(.*statement_timeout.*\): a pooler in transaction mode stands between/,
  });
});

t.test('a time that was not written in UTC is refused, and never moved', async (t) => {
  t.equal(readTime('2026-07-01 12:34:56.789').toISOString(), '2026-07-01T12:34:56.789Z');
  t.equal(readTime('2026-07-01 12:34:56.789123+00').toISOString(), '2026-07-01T12:34:56.789Z');
  for (const text of [
    '2026-07-01 12:34:56+05:45',
    '2026-07-01 12:34:56-03',
    '01.07.2026 12:34:56',
    '07/01/2026',
    'infinity',
  ]) {
    t.throws(() => readTime(text), /has to be in UTC and ISO/, text);
  }
});
