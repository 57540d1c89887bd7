import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { t } from '../../support/tap.ts';
import { project } from '../../../src/database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { lintMigration, lintMigrations } from '@likeness/schema-tools/fix/lint.ts';
import { runHere, runShowing } from '../../support/in-process.ts';
import { avatarRow, insertRow, userRow } from '../../../lab/ground/rows.ts';
import { createLegacyDatabase } from '../../support/legacy.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../../support/postgres.ts';

const newest = (await readMigrations(project)).at(-1)?.name ?? '';

t.test('on a database fresh from the migrations every command is clean', async (t) => {
  const { url } = await createTestDatabase(t);
  for (const name of ['check', 'status', 'plan', 'doctor', 'repair', 'migrate']) {
    const { code, stdout, stderr } = await runHere(['db', name, '--url', url, '--format', 'json']);
    t.equal(code, 0, `${name}: ${stderr}`);
    t.match(JSON.parse(stdout), { formatVersion: 1, command: name, summary: { total: 0 }, findings: { length: 0 } });
  }
  t.match(await runHere(['db', 'stamp', newest, '--url', url]), { code: 0, stdout: /recorded before/ });
  t.match(await runHere(['db', 'lint', '--format', 'json']), { code: 0 });
  for (const against of ['model', 'migrations'])
    t.match(await runHere(['db', 'check', '--url', url, '--against', against]), { code: 0 });
  t.match(await runHere(['db', 'check', '--url', url, '--data']), { code: 0 });
});

t.test('an unchanged model makes no migration, and the catalogue that lies here', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-migrations-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await cp(project.folder, folder, { recursive: true });
  const path = join(folder, 'catalog.json');
  const before = await readFile(path, 'utf8');
  const catalog = await runHere(['db', 'generate', '--catalog-only', '--url', url, '--folder', folder]);
  t.match(catalog, { code: 0, stdout: /Wrote .*catalog\.json: \d+ objects/ });
  t.equal(await readFile(path, 'utf8'), before);
  const made = await runHere(['db', 'generate', 'nothing', '--url', url, '--folder', folder]);
  t.match(made, { code: 0, stdout: /The model has not changed: no file was made/ });
  t.equal(await readFile(path, 'utf8'), before);
  const custom = await runHere(['db', 'generate', 'by_hand', '--custom', '--url', url, '--folder', folder]);
  t.match(custom, { code: 0, stdout: /Made \d{4}_by_hand\.sql/ }, 'in the folder that was named');
});

t.test('a migration that was made by hand is recorded when its effects are there', async (t) => {
  const { url } = await createTestDatabase(t);
  const last = '(select max(id) from drizzle.__drizzle_migrations)';
  await queryOnce(
    url,
    `delete from drizzle.__drizzle_migrations where id = ${last}; delete from drizzle.likeness_ledger`,
  );
  const resolve = (name: string, how: string) => runHere(['db', 'resolve', name, how, '--url', url]);
  t.match(await resolve('9999_nowhere', '--applied'), { code: 5, stderr: /There is no migration 9999_nowhere/ });
  t.equal((await resolve(newest, '--continue')).code, 5, 'nothing stopped half-way');
  t.match(await resolve(newest, '--applied'), { code: 0, stdout: new RegExp(`Recorded ${newest}`) });
  t.match(await runHere(['db', 'status', '--url', url]), { code: 0 });
});

t.test('commands of before go on under their names, and new ones do what they did', async (t) => {
  const { url: empty } = await createEmptyDatabase(t);
  const at = (...args: string[]) => runHere(['db', ...args, '--url', empty, '--format', 'json']);
  const [plan, dry] = [await at('plan'), await at('migrate', '--dry-run')];
  t.equal(plan.code, 2, 'pending files were findings of plan');
  t.equal(dry.code, 0);
  t.same({ ...JSON.parse(dry.stdout), command: 'plan' }, JSON.parse(plan.stdout));
  t.match(await at('migrate', '--continue', '--dry-run'), { code: 64 });
  t.match(await at('generate', 'name', '--catalog-only'), { code: 64 });
  t.match(await at('generate'), { code: 64, stderr: /NAME is missing/ });

  const { url } = await createTestDatabase(t);
  t.match(await runHere(['db', 'migrate', '--restart', '--url', url]), { code: 5, stderr: /none is pending/ });
  const { stdout: list } = await runShowing(['db', '--help']);
  t.equal(list.match(/^ {2}db /gm)?.length, 12);
  for (const name of ['plan', 'resolve', 'catalog']) {
    t.notMatch(list, new RegExp(`db ${name}`));
    t.match((await runShowing(['db', name, '--help'])).stdout, /^Now: likeness db /m);
  }
});

t.test('no answer holds the password', async (t) => {
  const nowhere = 'postgresql://someone:sesame@127.0.0.1:1/likeness';
  for (const format of ['text', 'json', 'md', 'html']) {
    const { code, stdout, stderr } = await runHere(['db', 'check', '--url', nowhere, '--format', format]);
    t.equal(code, 1);
    t.notMatch(stdout + stderr, /sesame/);
  }
  for (const name of ['check', 'status', 'plan', 'migrate', 'repair', 'report', 'doctor']) {
    const malformed = 'postgresql://someone:sesame@127.0.0.1:port/likeness';
    const { code, stdout, stderr } = await runHere(['db', name, '--url', malformed]);
    t.equal(code, 78, name);
    t.match(stdout + stderr, /is not a well-formed URL/, name);
    t.notMatch(stdout + stderr, /sesame|    at /, 'no password, and no stack');
  }
});

t.test('exit codes of a command line that can not be understood', async (t) => {
  const { url } = await createTestDatabase(t);
  for (const args of [
    ['check', '--url', url, '--format', 'xml'],
    ['check', '--url', url, '--fail-on', 'doom'],
    ['check', '--url', url, '--table', 'nothing'],
    ['stamp', '--url', url],
    ['stamp', newest, '--url', url, '--unverified'],
    ['resolve', newest, '--url', url],
    ['reset', '--url', url],
    ['adopt', '--url', url],
    ['migrate', '--url', url, '--wait', 'long'],
  ]) {
    t.match(await runHere(['db', ...args]), { code: 64 }, args.join(' ').replace(url, 'URL'));
  }
});

t.test('a database that needs something else than was asked for is never called done', async (t) => {
  const { url: empty } = await createEmptyDatabase(t);
  t.match(await runHere(['db', 'repair', '--apply', '--url', empty]), { code: 2, stdout: /likeness db migrate/ });

  const { url: legacy } = await createLegacyDatabase(t, 'avatars-24');
  for (const args of [['status'], ['plan'], ['migrate'], ['migrate', '--dry-run'], ['repair'], ['repair', '--apply']]) {
    const { code, stdout, stderr } = await runHere(['db', ...args, '--url', legacy]);
    t.equal(code, 3, args.join(' '));
    t.match(stdout + stderr, /likeness db adopt --from alembic/);
    t.notMatch(stdout, /likeness db migrate/, 'which would refuse');
  }
});

t.test('repair adds what is missing, leaves the rest unless allowed, and loses nothing', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  await insertRow(pool, 'users', userRow());
  await queryOnce(
    url,
    `drop index ix_avatars_training_type; alter table avatars alter status drop default, add column note text, drop column preview_key;
     alter table avatars drop constraint avatars_photos_count_check`,
  );
  const file = join(t.testdir(), 'plan.json');
  const planned = await runHere(['db', 'repair', '--url', url, '--plan', file, '--format', 'json']);
  t.equal(planned.code, 2);
  t.match(JSON.parse(planned.stdout), {
    applied: false,
    plan: {
      repairs: { length: 3 },
      left: [
        { code: 'missing_constraint', reason: /validating/ },
        { code: 'extra_column', reason: /--allow extra_column/ },
      ],
    },
  });
  t.match(await runHere(['db', 'check', '--url', url]), { code: 2 }, 'a plan changes nothing');

  await queryOnce(url, 'create index ix_meanwhile on avatars (name)');
  t.match(await runHere(['db', 'repair', '--url', url, '--plan', file, '--apply']), {
    code: 5,
    stderr: /another state/,
  });
  await queryOnce(url, 'drop index ix_meanwhile');
  t.match(
    await runHere(['db', 'repair', '--url', url, '--plan', file, '--apply']),
    { code: 2, stdout: /unchanged/ },
    'what was left is left',
  );
  t.match(await runHere(['db', 'repair', '--url', url, '--apply', '--allow', 'missing_constraint,extra_column']), {
    code: 0,
  });
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
  const acts = await queryOnce(
    url,
    `select outcome, before is not null as before, after is not null as after from drizzle.likeness_ledger where act = 'repair'`,
  );
  t.same(acts, [
    { outcome: 'done', before: true, after: true },
    { outcome: 'done', before: true, after: true },
  ]);
});

t.test('a repair that rows break is rolled back and entered', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  await queryOnce(url, 'drop index ix_users_telegram_id');
  for (const _ of [1, 2]) await insertRow(pool, 'users', userRow({ telegram_id: '7' }));
  await queryOnce(url, 'alter table avatars alter status drop default');
  const failed = await runHere(['db', 'repair', '--url', url, '--apply', '--allow', 'missing_index']);
  t.match(failed, { code: 6, stderr: /rolled back.*23505/ });
  t.match(
    await queryOnce(
      url,
      `select column_default from information_schema.columns where table_name = 'avatars' and column_name = 'status'`,
    ),
    [{ column_default: null }],
  );
  t.same(await queryOnce(url, `select outcome from drizzle.likeness_ledger where act = 'repair'`), [
    { outcome: 'failed' },
  ]);
});

t.test('rows that the schema let in are found', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  await queryOnce(
    url,
    'drop index ix_users_telegram_id; alter table users alter first_name drop not null; alter table users disable trigger all',
  );
  const [one, two] = [userRow({ telegram_id: '7' }), userRow({ telegram_id: '7', first_name: null })];
  for (const row of [one, two]) await insertRow(pool, 'users', row);
  const { stdout } = await runHere(['db', 'check', '--url', url, '--data', '--format', 'json']);
  const { findings }: { findings: { code: string; actual: string }[] } = JSON.parse(stdout);
  const inData = findings.filter(({ code }) => code.startsWith('data_'));
  t.same(inData.map(({ code }) => code).sort(), ['data_duplicate', 'data_null']);
  t.match(inData.find(({ code }) => code === 'data_null')?.actual, String(two['id']));
});

t.test('values and ids that only the rows can tell are asked for', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  await queryOnce(url, `alter type avatarstatus add value 'odd'`);
  const user = userRow();
  await insertRow(pool, 'users', user);
  await insertRow(pool, 'avatars', avatarRow(user['id'], { status: 'odd', is_draft: false }));
  await queryOnce(url, 'create table extra (id serial primary key); insert into extra (id) values (1), (2)');
  const { stdout } = await runHere(['db', 'check', '--url', url, '--data', '--format', 'json']);
  const { findings }: { findings: { code: string; object: string; message: string }[] } = JSON.parse(stdout);
  t.match(
    findings.find(({ code }) => code === 'data_enum'),
    { object: 'avatars.status' },
  );
  t.match(
    findings.find(({ code }) => code === 'sequence_behind'),
    { object: 'extra_id_seq' },
  );
});

t.test('a plan shows each statement with its lock, and the hazards', async (t) => {
  const { url: empty } = await createEmptyDatabase(t);
  const { code, stdout } = await runHere(['db', 'plan', '--url', empty, '--format', 'json']);
  t.equal(code, 2);
  const { pending, findings } = JSON.parse(stdout);
  const statements: { sql: string; lock: string }[] = pending.flatMap((file: { statements: [] }) => file.statements);
  t.ok(
    statements.some(({ sql, lock }) => /create index/i.test(sql) && lock !== 'none'),
    'an index locks its table',
  );
  t.ok(findings.length > 0);
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    `delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations);
     delete from drizzle.likeness_ledger`,
  );
  t.match(await runHere(['db', 'plan', '--url', url]), { code: 2, stdout: /1 migration is pending/ });
});

t.test('an answer in HTML asks nobody for anything, and shows names as they are', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'create table "<img src=x>" (id int); drop index ix_avatars_training_type');
  for (const name of ['check', 'report', 'doctor']) {
    const { stdout } = await runHere(['db', name, '--url', url, '--format', 'html']);
    t.match(stdout, /^<!doctype html>/, name);
    t.match(stdout, /default-src 'none'/, 'whoever opens it loads nothing');
    t.notMatch(stdout, /<script|<img/, 'nothing that a table is called is markup');
    if (name !== 'doctor') t.match(stdout, /&lt;img src=x&gt;/);
  }
  const { url: empty } = await createEmptyDatabase(t);
  const plan = await runHere(['db', 'plan', '--url', empty, '--format', 'html']);
  t.match(plan.stdout, /<pre>CREATE TYPE/);
});

t.test('a database that newer code migrated is left as it is', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', extract(epoch from now() + interval '10 years') * 1000);
     drop index ix_avatars_training_type; create index ix_avatars_newer on avatars (training_type, id);
     drop index ix_avatar_photos_avatar_id_file_hash; alter table avatars add column later text;
     alter type avatarstatus add value 'archived'`,
  );
  const shape = `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`;
  const indexes = `select indexdef from pg_indexes where schemaname = 'public' order by 1`;
  const before = [await queryOnce(url, shape), await queryOnce(url, indexes)];
  const check = await runHere(['db', 'check', '--url', url, '--format', 'json', '--fail-on', 'critical']);
  t.equal(check.code, 0, check.stdout);
  const { state, findings }: { state: string; findings: { code: string; cause: string }[] } = JSON.parse(check.stdout);
  t.equal(state, 'ahead');
  t.same(
    findings.filter(({ code, cause }) => code !== 'history_ahead' && cause !== 'ahead'),
    [],
  );
  t.match(await runHere(['db', 'repair', '--apply', '--url', url]), { code: 0, stdout: /Newer code migrated/ });
  t.match(await runHere(['db', 'reset', '--state', '--url', url]), { code: 5, stderr: /Newer code migrated/ });
  t.match(await runHere(['db', 'migrate', '--url', url]), { code: 0, stdout: /left as it is/ });
  t.same([await queryOnce(url, shape), await queryOnce(url, indexes)], before);
});

t.test('stamp believes the schema alone, and reset --state rebuilds the history from it', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'delete from drizzle.__drizzle_migrations; drop index ix_avatars_training_type');
  t.match(await runHere(['db', 'stamp', newest, '--url', url]), {
    code: 5,
    stderr: /missing_index avatars.ix_avatars_training_type/,
  });
  t.match(await runHere(['db', 'reset', '--state', '--url', url]), { code: 5, stderr: /nearest/ });
  t.match(await runHere(['db', 'stamp', newest, '--url', url, '--unverified', '--reason', 'moved by hand']), {
    code: 0,
  });
  t.match(
    await queryOnce(url, `select details ->> 'reason' as reason from drizzle.likeness_ledger where act = 'stamp'`),
    [{ reason: 'moved by hand' }],
  );

  await queryOnce(url, 'create index ix_avatars_training_type on avatars (training_type)');
  await queryOnce(
    url,
    `update drizzle.__drizzle_migrations set hash = 'tampered'; insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)`,
  );
  t.match(await runHere(['db', 'check', '--url', url]), { code: 3, stdout: /history_edited/ });
  t.match(await runHere(['db', 'reset', '--state', '--url', url, '--format', 'json']), {
    code: 0,
    stdout: /__drizzle_migrations_\d{14}/,
  });
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
});

t.test('a difference that was accepted is information', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'drop index ix_avatars_training_type');
  t.match(await runHere(['db', 'accept', 'missing_index', 'avatars.nothing', '--url', url, '--reason', 'x']), {
    code: 5,
    stderr: /there are: missing_index/,
  });
  t.match(
    await runHere([
      'db',
      'accept',
      'missing_index',
      'avatars.ix_avatars_training_type',
      '--url',
      url,
      '--reason',
      'rarely asked',
    ]),
    { code: 0 },
  );
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0, stdout: /Accepted: rarely asked/ });
  t.match(await runHere(['db', 'stamp', newest, '--url', url]), { code: 0 });
});

t.test('reset --database needs the name, empties, and keeps the ledger', async (t) => {
  const { url, name, pool } = await createTestDatabase(t);
  await insertRow(pool, 'users', userRow());
  t.match(await runHere(['db', 'reset', '--database', '--url', url]), { code: 5, stderr: /--confirm/ });
  t.match(await runHere(['db', 'reset', '--database', '--url', url, '--confirm', 'another']), {
    code: 5,
    stderr: /nothing was changed/,
  });
  t.same(await queryOnce(url, 'select count(*)::int as n from users'), [{ n: 1 }]);
  t.match(await runHere(['db', 'reset', '--database', '--url', url, '--confirm', name]), { code: 0 });
  t.same(await queryOnce(url, 'select count(*)::int as n from users'), [{ n: 0 }]);
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
  t.same(await queryOnce(url, `select count(*)::int as n from drizzle.likeness_ledger where act = 'reset'`), [
    { n: 1 },
  ]);
  t.ok((await readFile(join(project.folder, `${newest}.sql`), 'utf8')).length > 0, 'no migration was deleted');
});

t.test('doctor names what fails, and goes as far as it can', async (t) => {
  const unreachable = await runHere(['db', 'doctor', '--url', 'postgresql://127.0.0.1:1/x', '--format', 'json']);
  t.equal(unreachable.code, 2);
  t.match(JSON.parse(unreachable.stdout), {
    health: 'fail',
    components: [{ name: 'configuration and versions', health: 'ok' }, { health: 'fail' }],
  });
  const { url } = await createTestDatabase(t);
  await queryOnce(url, `update pg_index set indisvalid = false where indexrelid = 'ix_avatars_finetune_id'::regclass`);
  const { stdout } = await runHere(['db', 'doctor', '--url', url, '--format', 'json']);
  const { components }: { components: { name: string; health: string }[] } = JSON.parse(stdout);
  t.same(
    components.map(({ name }) => name),
    ['configuration and versions', 'connection and server', 'privileges', 'history', 'sync and hazards'],
  );
  t.equal(components.at(-1)?.health, 'fail');
});

t.test('lint finds each hazard by its code', async (t) => {
  const cases: [sql: string, code: string, transactional?: boolean][] = [
    ['drop table a', 'drop_table'],
    ['alter table a drop column b', 'drop_column'],
    ['drop type t cascade', 'drop_cascade'],
    ['truncate a', 'truncate'],
    ['delete from a', 'delete_all'],
    ['alter table a alter column b type bigint', 'column_type_change'],
    ['alter table a add column b text not null', 'add_column_not_null'],
    ['alter table a add column b uuid default gen_random_uuid()', 'volatile_default'],
    ['alter table a alter b set not null', 'set_not_null'],
    ['alter table a add constraint c check (b > 0)', 'constraint_validates'],
    ['alter table a add constraint c unique (b)', 'unique_blocks'],
    ['create index i on a (b)', 'index_blocks'],
    ['alter table a rename column b to c', 'rename_breaks'],
    ['update a set b = 1', 'update_all'],
    ['create index concurrently i on a (b)', 'concurrently_in_transaction'],
    ['vacuum a', 'not_in_transaction'],
    ['commit', 'transaction_control'],
    ['select 1', 'half_way', false],
  ];
  const lint = (statements: string[], transactional = true) =>
    lintMigration({ name: 'file', statements, transactional, accepted: {} }).map(({ code }) => code);
  const alone = (found: string[]) => found.filter((code) => code !== 'kit_cannot');
  for (const [sql, code, transactional] of cases) t.same(alone(lint([sql], transactional)), [code], sql);
  t.same(
    lint(['alter table a alter b set data type varchar(10) using b::varchar(10)']),
    ['truncating_cast', 'column_type_change'],
    'it locks, and it cuts off',
  );
  t.same(lint([`alter type t add value 'x'`, `insert into a values ('x')`]), ['enum_value_used', 'kit_cannot']);
  t.same(
    lint(['create table a (b int)', 'create index i on a (b)', 'alter table a add constraint c check (b > 0)']),
    [],
    'a new table is empty',
  );
  t.same(lint([`insert into a values ('drop table x; truncate y')`]), [], 'strings are no statements');
  for (const sql of ['create index concurrently i on a (b)', 'vacuum a', 'commit', 'drop subscription s'])
    t.ok(lint([sql]).includes('kit_cannot'), sql);
  t.same(lint(['select 1', 'select 2'], false), ['kit_cannot', 'half_way'], 'said once of the file');
  const file = { name: 'file', transactional: true, statements: ['create index i on a (b)', 'drop table a'] };
  const release = (name: string, sql: string) => ({ ...file, name, statements: [sql], accepted: {} });
  t.match(
    lintMigrations([release('0001', `alter type t add value 'x'`), release('0002', `insert into a values ('x')`)]),
    [{ code: 'kit_cannot', file: '0002' }],
    'both may be pending, and run in one transaction',
  );
  t.match(
    lintMigration({ ...file, accepted: { index_blocks: 'it is small' } }),
    [
      { code: 'index_blocks', severity: 'info', accepted: 'it is small' },
      { code: 'drop_table', severity: 'critical', destructive: true },
    ],
    'what its author accepted is mentioned, and nothing else is let through',
  );
});
