import pg from 'pg';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { writeMigrations } from '../../../lab/ground/migration-files.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { projectAt } from '../../../src/database.ts';
import { limits } from '../../../src/limits.ts';
import { BoundedClient } from '../../../src/platform/db/bounded-client.ts';
import { readDatabaseUrl } from '../../../src/platform/db/url.ts';
import { watchStatements } from '../../../src/platform/db/watch.ts';
import { createEmptyDatabase, queryOnce } from '../../support/postgres.ts';
import { t, type Test } from '../../support/tap.ts';
import { until } from '../../support/until.ts';

t.setTimeout(120_000);

const first = { name: '0000_made', sql: 'create table made (n int);' };

const isAt = (url: string, words: string) => async () => {
  const rows = await queryOnce(
    url,
    `select from pg_stat_activity where state = 'active' and datname = current_database() and query like $1`,
    [words],
  );
  return rows.length > 0;
};

t.test('a silence in the middle of a migration ends it with a sentence, and nothing is half applied', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const proxy = await silentProxy(t, url);
  const folder = t.testdir();
  await writeMigrations(folder, [first, { name: '0001_slow', sql: 'alter table made add m int; select pg_sleep(2);' }]);
  const running = migrate({ url: proxy.url, project: projectAt(folder) }).catch((error: unknown) => error);
  await until('the slow statement', isAt(url, '%pg_sleep%'));
  proxy.silence();
  const began = performance.now();
  t.match(await running, {
    code: 'unreachable',
    file: '0001_slow',
    message: /^The connection broke during 0001_slow\.sql: .*no answer within 30 s.*migrate again/,
  });
  t.ok(performance.now() - began < limits.databaseSilence.ms + 20_000, `${Math.round(performance.now() - began)} ms`);
  proxy.speak();
  const columns = `select attname as name from pg_attribute where attrelid = 'made'::regclass and attnum > 0`;
  t.same(await queryOnce(url, columns), [{ name: 'n' }]);
  t.same((await migrate({ url: proxy.url, project: projectAt(folder) })).applied, ['0001_slow'], 'another one goes on');
  t.same(await queryOnce(url, columns), [{ name: 'n' }, { name: 'm' }]);
});

t.test('a slow statement goes on as long as the server is at work on it', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const config = readDatabaseUrl(url);
  const client = new BoundedClient(config);
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const end = watchStatements(client, config, rows[0].pid, 1);
  t.teardown(async () => {
    await end();
    await client.end();
  });
  t.match(await client.query('select pg_sleep(7)'), { rowCount: 1 }, 'over two looks');
  await client.query('begin');
  await until('a look at an idle client', () => performance.now() - client.heardAt > 4000);
  t.match(await client.query('commit'), { command: 'COMMIT' });
});

t.test('a lock that is never given ends a migration with a sentence, whatever it is for', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = t.testdir();
  await writeMigrations(folder, [first]);
  await migrate({ url, project: projectAt(folder) });
  const release = await hold(t, url, 'lock table drizzle.__drizzle_migrations');
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'failed',
    sqlState: '55P03',
    message: /lock timeout.* Another session holds what it needs/,
  });
  await release();

  const index = '-- db:no-transaction\ncreate index concurrently made_n on made (n);';
  await writeMigrations(folder, [first, { name: '0001_index', sql: index }]);
  const letGo = await hold(t, url, 'insert into made values (1)');
  const patience = { lockTimeoutMs: 200, tries: 1, pauseMs: 0, concurrentLockTimeoutMs: 500 };
  await t.rejects(migrate({ url, project: projectAt(folder), patience }), {
    code: 'half_applied',
    message: /0001_index\.sql stopped in the middle.*made is held by PostgreSQL process.*--restart/,
  });
  await letGo();
});

/** Keeps a transaction open in which a statement was run. @returns what ends it */
async function hold(t: Test, url: string, statement: string): Promise<() => Promise<void>> {
  const holder = new pg.Client(url);
  await holder.connect();
  t.teardown(() => holder.end());
  await holder.query(`begin; ${statement}`);
  return async () => void (await holder.query('rollback'));
}
