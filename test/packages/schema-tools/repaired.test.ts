import type pg from 'pg';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { compareSides } from '@likeness/schema-tools/fix/compare.ts';
import { orderSteps } from '@likeness/schema-tools/fix/order.ts';
import { readLiveWithin } from '@likeness/schema-tools/acts/live.ts';
import { createEmptyDatabase } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';
import { driftCases } from '../../../lab/ground/zoo/cases.ts';
import { buildZoo } from '../../../lab/ground/zoo/database.ts';
import { chains, harmless, notEnforced, oddCases } from '../../../lab/ground/zoo/odd-cases.ts';

// Some hundred repairs, each of a database that is read three times.
t.setTimeout(180_000);
const { url } = await createEmptyDatabase(t);
const { client, expected } = await buildZoo(url);
t.teardown(() => client.end());
await client.query(`
  insert into keepers (name, email) values ('Ann', 'ann@example.org'), ('Bob', null);
  insert into animals (keeper_id, tag, name, mood, weight)
    select 1, gen_random_uuid(), 'n' || n, 'merry', n from generate_series(1, 3) n;
  insert into pens (size, open, code, number) values ('wide', '[1,2]', 'a', 1), ('small', null, 'b', 2)`);
const inserts = `
  insert into keepers (name) values ('Cid');
  insert into animals (tag, name) values (gen_random_uuid(), 'new');
  insert into pens (size, number) values ('new', 3)`;

const find = (live: Catalog) => compareSides({ live, applied: expected, all: expected, unadopted: false });
const read = () => readLiveWithin(client, { expected: [expected] });

/** What is still found after everything that was found has been repaired, and what is inserted then. */
async function repair(sql: string): Promise<string[]> {
  return within(client, async () => {
    await client.query(sql);
    const found = find(await read());
    await client.query('set local check_function_bodies = off');
    for (const step of orderSteps(found.flatMap(({ steps }) => steps))) {
      try {
        await client.query(step.sql);
      } catch (error) {
        return [`${step.sql}: ${String(error)}`, ...found.flatMap(({ steps }) => steps.map((each) => each.sql))];
      }
    }
    const left = find(await read()).map(
      ({ code, message, fix }) => `${code} ${message} ${fix.sql ?? fix.advice ?? ''}`,
    );
    if (left.length > 0) return left;
    await client.query(inserts);
    return [];
  });
}

// What only a person can decide: labels that rows may hold, and columns that may hold something.
const byHand = /add value|'calm', 'cross', 'merry'|add column cup|type text using ''/;

async function within<T>(connection: pg.Client, work: () => Promise<T>): Promise<T> {
  await connection.query('begin');
  try {
    return await work();
  } finally {
    await connection.query('rollback');
  }
}

t.test('what a comparison of texts passes over or tells twice gives one finding', async (t) => {
  for (const [sql, code, severity, object] of oddCases) {
    await within(client, async () => {
      await client.query(sql);
      const found = find(await read()).map((each) => `${each.code} ${each.severity} ${each.object} ${each.cause}`);
      t.same(found, [`${code} ${severity} ${object} drift`], sql);
    });
  }
});

t.test('other words for the same are no drift', async (t) => {
  for (const sql of harmless) {
    await within(client, async () => {
      await client.query(sql);
      t.same(
        find(await read()).map(({ message }) => message),
        [],
        sql,
      );
    });
  }
});

const { rows: versions } = await client.query<{ major: number }>(
  `select current_setting('server_version_num')::int / 10000 as major`,
);
const isNew = (versions[0]?.major ?? 0) >= 18;

t.test('keys that are not enforced are one finding each', { skip: !isNew && 'PostgreSQL 18 has them' }, async (t) => {
  for (const sql of notEnforced) {
    await within(client, async () => {
      await client.query(sql);
      t.match(find(await read()), [{ code: 'constraint_def', severity: 'warning' }], sql);
      t.equal(find(await read()).length, 1);
    });
    t.same(await repair(sql), [], sql);
  }
});

const all = [...driftCases.map(([sql]) => sql), ...oddCases.map(([sql]) => sql), ...chains];
for (const part of [0, 1, 2, 3]) {
  t.test(`a repair leaves the schema as the model has it, and rows can be written (${part + 1} of 4)`, async (t) => {
    for (const sql of all.filter((_, index) => index % 4 === part)) {
      if (!byHand.test(sql)) t.same(await repair(sql), [], sql);
    }
  });
}
