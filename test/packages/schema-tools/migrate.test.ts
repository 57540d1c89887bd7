import pg from 'pg';
import { t, type Test } from '../../support/tap.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { resolveHalfApplied } from '@likeness/schema-tools/acts/half-applied.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { askDatabase } from '@likeness/schema-tools/acts/status.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { runHere } from '../../support/in-process.ts';
import { writeMigrations } from '../../../lab/ground/migration-files.ts';
import { createEmptyDatabase, queryOnce } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { project, projectAt } from '../../../src/database.ts';

const impatient = { lockTimeoutMs: 200, tries: 2, pauseMs: 20 };

const createCounter = { name: '0000_counter', sql: 'create table counter (n int); insert into counter values (1);' };
const addHundred = { name: '0001_hundred', sql: 'update counter set n = n + 100;' };

t.test('a fresh database gets every file and the schema of pg-boss, a second run finds nothing to do', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const { status: before } = await askDatabase({ url, project });
  t.match(before, { state: 'empty', applied: { length: 0 }, problems: { length: 0 }, queue: null });
  const files = before.pending.map(({ name }) => name);
  t.same(
    await queryOnce(url, `select to_regnamespace('drizzle') as schema`),
    [{ schema: null }],
    'a status writes nothing',
  );

  const first = await migrate({ url, project });
  t.match(first, { applied: files, already: 0 });
  const second = await migrate({ url, project });
  t.match(second, { applied: [], already: files.length });
  const { status: after } = await askDatabase({ url, project });
  t.match(after, { state: 'current', pending: { length: 0 }, problems: { length: 0 }, queue: project.queue.wanted });
  t.same(
    after.applied.map(({ name }) => name),
    files,
  );
});

t.test('three at once on a fresh database apply each file once, and none fails', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = t.testdir();
  await writeMigrations(folder, [createCounter, addHundred]);
  const results = await Promise.all([1, 2, 3].map(() => migrate({ url, project: projectAt(folder) })));
  t.same(
    results.flatMap(({ applied }) => applied),
    ['0000_counter', '0001_hundred'],
  );
  t.same(await counter(url), [{ n: 101 }]);
  t.equal((await history(url)).length, 2);
});

t.test('a file edited after it was applied is refused', async (t) => {
  const { url, folder } = await migrated(t, [createCounter]);
  await writeMigrations(folder, [{ ...createCounter, sql: 'create table other (n int);' }, addHundred]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    problems: [{ kind: 'edited', object: '0000_counter' }],
    message: /0000_counter\.sql was edited/,
  });
  t.same(await counter(url), [{ n: 1 }], 'and nothing after it is applied');
  t.match(await askDatabase({ url, project: projectAt(folder) }), {
    status: { state: 'broken', problems: [{ kind: 'edited' }], pending: [{ name: '0001_hundred' }] },
  });
});

t.test('a file older than the newest applied one is refused', async (t) => {
  const { url, folder } = await migrated(t, [createCounter]);
  await writeMigrations(folder, [
    { ...addHundred, when: 1 },
    { ...createCounter, when: Date.UTC(2026, 0, 1) },
  ]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    problems: [{ kind: 'out_of_order', object: '0001_hundred' }],
  });
  t.same(await counter(url), [{ n: 1 }]);
});

t.test('a history that knows more than the folder is refused', async (t) => {
  const { url, folder } = await migrated(t, [createCounter, addHundred]);
  await writeMigrations(folder, [createCounter]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    problems: [{ kind: 'folder', object: '0001_hundred.sql' }],
  });

  const shorter = t.testdir();
  await writeMigrations(shorter, [createCounter]);
  t.match(
    await migrate({ url, project: projectAt(shorter) }),
    { applied: [], already: 1, ahead: true },
    'what is newer is left alone',
  );

  await queryOnce(
    url,
    'insert into drizzle.__drizzle_migrations (hash, created_at) select hash, created_at from drizzle.__drizzle_migrations',
  );
  await writeMigrations(folder, [createCounter, addHundred]);
  const error = await migrate({ url, project: projectAt(folder) }).catch((caught: unknown) => caught);
  t.match(error, { code: 'history_broken', problems: [{ kind: 'duplicate' }, { kind: 'duplicate' }] });
});

t.test('a folder at odds with its journal is refused', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = t.testdir();
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    message: /_journal\.json can't be read/,
  });
  await writeMigrations(folder, [
    { ...createCounter, when: 2 },
    { ...addHundred, when: 1 },
  ]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    message: /0001_hundred is dated before 0000_counter/,
  });
  await writeMigrations(folder, [createCounter, addHundred, { ...addHundred, when: Date.UTC(2026, 1, 1) }]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'history_broken',
    problems: [{ kind: 'folder', object: '0001_hundred' }],
    message: /0001_hundred stands in the journal more than once/,
  });
  const linted = await runHere(['db', 'lint', '--folder', folder, '--format', 'json']);
  t.match(JSON.parse(linted.stdout), { findings: [{ code: 'folder_fault', message: /more than once/ }] });
});

t.test('a failing file is rolled back whole and the good one before it stays', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = t.testdir();
  const bad = { name: '0002_bad', sql: 'update counter set n = 7;\n--> statement-breakpoint\nselect 1 / 0;' };
  await writeMigrations(folder, [createCounter, addHundred, bad]);
  await t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'failed',
    file: '0002_bad',
    sqlState: '22012',
    message: '0002_bad.sql failed and was rolled back: division by zero (SQLSTATE 22012).',
  });
  t.same(await counter(url), [{ n: 101 }]);
  t.equal((await history(url)).length, 2);
  await writeMigrations(folder, [createCounter, addHundred, { ...bad, sql: 'update counter set n = 7;' }]);
  t.same((await migrate({ url, project: projectAt(folder) })).applied, ['0002_bad'], 'mended, it goes on from there');
});

t.test('a connection that breaks is not mistaken for a failing file', async (t) => {
  const { url, folder } = await migrated(t, [createCounter]);
  await writeMigrations(folder, [
    createCounter,
    { name: '0001_slow', sql: 'update counter set n = 2; select pg_sleep(60);' },
  ]);
  const broken = t.rejects(migrate({ url, project: projectAt(folder) }), {
    code: 'unreachable',
    file: '0001_slow',
    message: /migrate again/,
  });
  const sleepers = `from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  await until(
    'the file is at work',
    async () => (await queryOnce(url, `select pg_terminate_backend(pid) ${sleepers}`)).length > 0,
  );
  await broken;
  t.same(await counter(url), [{ n: 1 }]);
});

t.test('a value added to an enum may be used in the next file', async (t) => {
  const { url } = await migrated(t, [
    { name: '0000_type', sql: `create type mood as enum ('calm'); create table day (mood mood);` },
    { name: '0001_value', sql: `alter type mood add value 'merry';` },
    { name: '0002_use', sql: `insert into day values ('merry');` },
  ]);
  t.same(await queryOnce(url, 'select mood from day'), [{ mood: 'merry' }]);
});

t.test('a file that says so runs without a transaction', async (t) => {
  const directive = '-- db:no-transaction\n';
  const index = { name: '0001_index', sql: `${directive}create index concurrently counter_n on counter (n);` };
  const { url } = await migrated(t, [createCounter, index]);
  t.same(await queryOnce(url, `select indisvalid from pg_index where indexrelid = 'counter_n'::regclass`), [
    { indisvalid: true },
  ]);

  const stops = `${directive}insert into counter values (1);\n--> statement-breakpoint\nselect 1 / 0;`;
  const half = await createEmptyDatabase(t);
  const folder = t.testdir();
  await writeMigrations(folder, [createCounter, { name: '0001_half', sql: stops }]);
  await t.rejects(migrate({ url: half.url, project: projectAt(folder) }), {
    code: 'half_applied',
    file: '0001_half',
    sqlState: '22012',
  });
  t.equal((await history(half.url)).length, 1, 'it is not recorded');

  await t.rejects(migrate({ url: half.url, project: projectAt(folder) }), {
    code: 'half_applied',
    message: /stopped at statement 2 of 2 \(select 1 \/ 0\).*--restart.*--continue/,
  });
  await t.rejects(migrate({ url: half.url, project: projectAt(folder), resume: 'continue' }), {
    code: 'half_applied',
    sqlState: '22012',
  });
  t.same(await counter(half.url), [{ n: 1 }, { n: 1 }], 'the statement before it was not run again');

  // counter holds 1 twice by now: the unique index fails, and CONCURRENTLY leaves its shell behind.
  const unique = `${directive}create unique index concurrently if not exists counter_one on counter (n);`;
  await writeMigrations(folder, [createCounter, { name: '0001_half', sql: unique }]);
  await t.rejects(migrate({ url: half.url, project: projectAt(folder) }), {
    code: 'half_applied',
    message: /was edited since/,
  });
  await resolve(half.url, folder, 'restart');
  await t.rejects(migrate({ url: half.url, project: projectAt(folder) }), { code: 'half_applied', sqlState: '23505' });
  await resolve(half.url, folder, 'restart');
  await t.rejects(migrate({ url: half.url, project: projectAt(folder) }), {
    code: 'half_applied',
    message: /invalid indexes are left: counter_one/,
  });
  await queryOnce(half.url, 'drop index counter_one');
  await queryOnce(half.url, 'delete from counter where ctid <> (select min(ctid) from counter)');
  t.same((await migrate({ url: half.url, project: projectAt(folder), resume: 'restart' })).applied, ['0001_half']);
});

t.test('a table that is locked is tried again, and given up in the end', async (t) => {
  const { url, folder } = await migrated(t, [createCounter]);
  await writeMigrations(folder, [createCounter, { name: '0001_column', sql: 'alter table counter add column m int;' }]);
  const reader = new pg.Client({ connectionString: url, application_name: 'a long report' });
  await reader.connect();
  t.teardown(() => reader.end());
  await reader.query('begin');
  await reader.query(`select n from counter where 'a secret' <> ''`);
  const refused = await migrate({ url, project: projectAt(folder), patience: impatient }).catch(
    (error: unknown) => error,
  );
  t.match(refused, {
    code: 'failed',
    file: '0001_column',
    sqlState: '55P03',
    message:
      /counter is held by PostgreSQL process \d+ \(a long report as \w+\) since 20[^ ]+Z, with a statement that begins with `select n from counter where`/,
  });
  t.notMatch(String(refused), /a secret/, 'no value of it');
  t.same(await counter(url), [{ n: 1 }], 'others are not kept waiting');

  const patient = migrate({
    url,
    project: projectAt(folder),
    patience: { lockTimeoutMs: 100, tries: 100, pauseMs: 20 },
  });
  await until('the migration waits for the table', async () => (await waiting(url)) > 0);
  await reader.query('commit');
  t.same((await patient).applied, ['0001_column']);
});

t.test('a lock that another process keeps is reported with its holder', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const holder = new pg.Client({ connectionString: url, application_name: 'another deployer' });
  await holder.connect();
  t.teardown(() => holder.end());
  await holder.query(`select pg_advisory_lock(hashtextextended('db:migrate:' || current_database(), 0))`);
  await t.rejects(migrate({ url, project, lockWaitMs: 50 }), {
    code: 'busy',
    message: /another deployer/,
  });
  t.same(await queryOnce(url, `select to_regnamespace('drizzle') as schema`), [{ schema: null }]);
});

t.test('a database that can not be reached is named without its password', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const nowhere = 'postgresql://someone:secret@127.0.0.1:1/likeness';
  const error = await migrate({ url: nowhere, project }).catch((caught: unknown) => caught);
  t.match(error, { code: 'unreachable', message: /likeness at 127\.0\.0\.1:1: .*ECONNREFUSED/ });
  t.notMatch(error, { message: /secret/ });
  const missing = new URL(url);
  missing.pathname = '/no_such_database';
  await t.rejects(migrate({ url: missing.href, project }), { code: 'unreachable', sqlState: '3D000' });
});

t.test('a history that is lost in part or whole is named, whoever made the database', async (t) => {
  const { url } = await createEmptyDatabase(t);
  await migrate({ url, project });
  const rows = 'drizzle.__drizzle_migrations';
  const lost = { code: 'history_broken', message: /The ledger says that 0001_traces is applied.*reset --state/ };
  await queryOnce(url, `delete from ${rows} where id = 2`);
  await t.rejects(migrate({ url, project }), { ...lost, problems: [{ kind: 'missing' }] });
  await queryOnce(url, `drop table ${rows}`);
  await t.rejects(migrate({ url, project }), lost);
  t.match(await runHere(['db', 'adopt', '--from', 'alembic', '--yes', '--url', url, '--format', 'json']), { code: 3 });
  for (const ledger of ['with the ledger', 'without it']) {
    const check = await runHere(['db', 'check', '--url', url, '--format', 'json']);
    t.equal(check.code, 3, ledger);
    t.match(JSON.parse(check.stdout).findings[0], { code: 'history_missing', severity: 'critical' });
    t.notMatch(check.stdout, /db adopt/, ledger);
    t.match(await runHere(['db', 'status', '--url', url]), { code: 3, stdout: /reset --state/ });
    await queryOnce(url, 'drop schema if exists drizzle cascade');
  }
  t.match(await runHere(['db', 'reset', '--state', '--url', url]), { code: 0 });
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
  t.match(await migrate({ url, project }), { applied: [] });
});

t.test('a history without its effects is not called done', async (t) => {
  const { url } = await createEmptyDatabase(t);
  await migrate({ url, project });
  await queryOnce(url, 'alter table avatars drop column preview_key');
  const lost = { kind: 'effect_missing', object: 'public.avatars.preview_key' };
  await t.rejects(migrate({ url, project }), { code: 'history_broken', problems: [lost] });
  t.match(await askDatabase({ url, project }), { drift: [{ code: 'missing_column', object: 'avatars.preview_key' }] });
});

async function migrated(
  t: Test,
  files: Parameters<typeof writeMigrations>[1],
): Promise<{ url: string; folder: string }> {
  const { url } = await createEmptyDatabase(t);
  const folder = `${t.testdir()}/first`;
  await writeMigrations(folder, files);
  t.same(
    (await migrate({ url, project: projectAt(folder) })).applied,
    files.map(({ name }) => name),
  );
  return { url, folder };
}

async function resolve(url: string, folder: string, how: 'restart'): Promise<void> {
  const migration = (await readMigrations(projectAt(folder))).at(-1);
  if (migration) await withConnection(url, 'test', (client) => resolveHalfApplied(client, project, migration, how));
}

async function counter(url: string): Promise<{ n: number }[]> {
  return queryOnce(url, 'select n from counter');
}

async function history(url: string): Promise<{ hash: string }[]> {
  return queryOnce(url, 'select id, hash, created_at from drizzle.__drizzle_migrations order by id');
}

async function waiting(url: string): Promise<number> {
  return (await queryOnce(url, `select from pg_locks where not granted and relation = 'counter'::regclass`)).length;
}
