import { randomUUID } from 'node:crypto';
import { insertRow, userRow } from '../../../lab/ground/rows.ts';
import { runHere } from '../../support/in-process.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

type Found = { code: string; object: string; message: string; fix: { sql: string | null; advice: string | null } };

async function check(url: string): Promise<Found[]> {
  const { stdout } = await runHere(['db', 'check', '--url', url, '--format', 'json', '--against', 'migrations']);
  return JSON.parse(stdout).findings;
}

const rename = (table: string, from: string, to: string) => `alter table ${table} rename column ${from} to ${to};`;

t.test(
  'columns that bear each other’s names are told as such, and get their names back with their values',
  async (t) => {
    for (const names of [
      ['first_name', 'telegram_id'],
      ['first_name', 'telegram_id', 'created_at'],
    ]) {
      const { url, pool } = await createTestDatabase(t);
      const user = userRow({ first_name: 'Ada', telegram_id: '7' });
      await insertRow(pool, 'users', user);
      const before = await queryOnce(url, 'select * from users');
      const next = (index: number) => names[(index + 1) % names.length] ?? '';
      await queryOnce(
        url,
        [
          ...names.map((name) => rename('users', name, `${name}_away`)),
          ...names.map((name, index) => rename('users', `${name}_away`, next(index))),
        ].join(' '),
      );
      const found = await check(url);
      t.same(
        found.map(({ code, object }) => `${code} ${object}`).sort((a, b) => (a < b ? -1 : 1)),
        names.map((name) => `renamed_column users.${name}`).sort((a, b) => (a < b ? -1 : 1)),
      );
      for (const { message } of found) t.match(message, /is called \w+ here, and another one has its name/);
      const repaired = await runHere(['db', 'repair', '--url', url, '--apply']);
      t.equal(repaired.code, 0, repaired.stderr);
      t.same(await check(url), []);
      t.same(await queryOnce(url, 'select * from users'), before);
    }
  },
);

t.test('tables that bear each other’s names are told as such, and get them back with their rows', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, `insert into events (id, type, data) values ('${randomUUID()}', 'avatar.created', '{}')`);
  await queryOnce(
    url,
    'alter table events rename to away; alter table webhook_attempts rename to events; alter table away rename to webhook_attempts',
  );
  const found = await check(url);
  t.same(
    found.map(({ code, object }) => `${code} ${object}`).sort((a, b) => (a < b ? -1 : 1)),
    ['renamed_table events', 'renamed_table webhook_attempts'],
  );
  const repaired = await runHere(['db', 'repair', '--url', url, '--apply']);
  t.equal(repaired.code, 0, repaired.stderr);
  t.same(await check(url), []);
  t.match(await queryOnce(url, 'select count(*)::int as n from events'), [{ n: 1 }]);
});

t.test('enum types that bear each other’s names get them back', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    'alter type avatargender rename to away; alter type falpriority rename to avatargender; alter type away rename to falpriority',
  );
  t.same(
    (await check(url)).map(({ code, object }) => `${code} ${object}`),
    ['renamed_enum avatargender', 'renamed_enum falpriority'],
  );
  t.equal((await runHere(['db', 'repair', '--url', url, '--apply'])).code, 0);
  t.same(await check(url), []);
});

t.test('labels in another order are told, and no statement is offered that would move rows between them', async (t) => {
  for (const sql of [
    `alter type avatargender rename value 'male' to 'away'; alter type avatargender rename value 'female' to 'male';
     alter type avatargender rename value 'away' to 'female'`,
    `alter table avatars alter gender type text; drop type avatargender;
     create type avatargender as enum ('other', 'female', 'male');
     alter table avatars alter gender type avatargender using gender::avatargender`,
  ]) {
    const { url } = await createTestDatabase(t);
    await queryOnce(url, sql);
    const found = await check(url);
    t.match(found, [{ code: 'enum_values', object: 'avatargender', fix: { sql: null, advice: /order of labels/ } }]);
    t.equal(found.length, 1);
    t.match(await runHere(['db', 'repair', '--url', url, '--apply', '--allow', 'enum_values']), { code: 2 });
    t.same(await check(url), found);
  }
});
