import { t } from '../../support/tap.ts';
import { compareSides } from '@likeness/schema-tools/fix/compare.ts';
import { createEmptyDatabase } from '../../support/postgres.ts';
import { driftCases, missed } from '../../../lab/ground/zoo/cases.ts';
import { buildZoo, catalogAfter } from '../../../lab/ground/zoo/database.ts';

const { url } = await createEmptyDatabase(t);
const { client, expected } = await buildZoo(url);
t.teardown(() => client.end());

const find = async (sql: string) => {
  const live = await catalogAfter(client, sql, expected);
  return compareSides({ live, applied: expected, all: expected, unadopted: false });
};

t.test('nothing is found where nothing was changed', async (t) => {
  t.same(await find('select 1'), []);
});

t.test('every induced drift gives one finding, with its code, severity and cause', async (t) => {
  t.ok(driftCases.length >= 80, `${driftCases.length} cases`);
  for (const [sql, code, severity, object] of driftCases) {
    const found = await find(sql);
    t.match(found, [{ code, severity, object, cause: 'drift' }], `${sql}: ${code}`);
    t.equal(found.length, 1, `${sql}: one finding`);
  }
});

t.test('what is missed is few and listed', async (t) => {
  for (const { sql } of missed) t.same(await find(sql), [], sql);
  t.ok(missed.length / (driftCases.length + missed.length) <= 0.05, `${missed.length} misses`);
});

// PostgreSQL prints a check, read from its own print, in another way: what a dump that was restored looks like.
t.test('a database that was dumped and restored is no drift', async (t) => {
  const checks = expected.filter(({ kind, facts }) => kind === 'constraint' && facts['type'] === 'check');
  t.ok(checks.length > 10);
  const again = checks.map(
    ({ table, name, facts }) =>
      `alter table ${table} drop constraint ${name}, add constraint ${name} ${String(facts['definition'])}`,
  );
  t.same(await find(again.join(';\n')), []);
});
