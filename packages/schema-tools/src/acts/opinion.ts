import type pg from 'pg';
import { type Catalog, type CatalogObject, keyOf, sameFact } from '../catalog/objects.ts';
import { readCatalogWithin } from '../catalog/read.ts';
import { createObject } from '../fix/ddl.ts';
import { textFact } from '../diff/diff.ts';
import { sqlStateOf } from '../history/errors.ts';
import { nameOf, quoteName, type Token, tokenize } from '../text/sql-text.ts';

/* Asks PostgreSQL whether two differing texts are equal, by having this server parse and print both. */

type Pair = { expected: CatalogObject; actual: CatalogObject; fact: string };

const asked: { readonly [kind in CatalogObject['kind']]?: readonly string[] } = {
  column: ['default', 'generated'],
  constraint: ['definition'],
  index: ['definition'],
  policy: ['definition'],
  trigger: ['definition'],
  rule: ['definition'],
  view: ['definition'],
  type: ['checks', 'default'],
};

// The server's opinion depends only on texts, columns and version.
const answers = new Map<string, boolean>();
const remembered = 10_000;

/**
 * Replaces texts by the expected ones where this server considers them equal: it prints them alike after parsing, as
 * after a dump and restore, or evaluates defaults to equal constants. Without the right to create temporary tables, as
 * on a replica, only casts between text types without length are ignored.
 * @param client in a transaction, which is left unchanged
 */
export async function withSameTexts(
  client: pg.ClientBase,
  live: Catalog,
  { schema, expected }: { schema: string; expected: readonly Catalog[] },
): Promise<Catalog> {
  const pairs = [...new Set(expected)].flatMap((catalog) => pairsOf(catalog, live));
  if (pairs.length === 0) return live;
  const same = await settle(client, schema, live, pairs);
  const taken = new Map<CatalogObject, { [fact: string]: CatalogObject['facts'][string] }>();
  for (const { expected: wanted, actual, fact } of same) {
    taken.set(actual, { ...taken.get(actual), [fact]: wanted.facts[fact] ?? null });
  }
  return live.map((object) => {
    const facts = taken.get(object);
    return facts ? { ...object, facts: { ...object.facts, ...facts } } : object;
  });
}

function pairsOf(expected: Catalog, live: Catalog): Pair[] {
  const wanted = new Map(expected.map((object) => [keyOf(object), object]));
  return live.flatMap((actual) => {
    const other = wanted.get(keyOf(actual));
    if (!other) return [];
    const facts = asked[actual.kind] ?? [];
    const differing = facts.filter((fact) => !sameFact(other.facts[fact], actual.facts[fact]));
    return differing
      .filter((fact) => isAskable(fact, other, actual))
      .map((fact) => ({ expected: other, actual, fact }));
  });
}

// No default means NULL, unless the type is a domain with a default.
function isAskable(fact: string, expected: CatalogObject, actual: CatalogObject): boolean {
  if (fact === 'default') return true;
  return expected.facts[fact] !== undefined && actual.facts[fact] !== undefined;
}

async function settle(client: pg.ClientBase, schema: string, live: Catalog, pairs: readonly Pair[]): Promise<Pair[]> {
  const columns = Map.groupBy(live, ({ kind, table }) => (kind === 'column' ? table : null));
  const questionOf = ({ expected, actual, fact }: Pair) => {
    const types =
      actual.table === null ? [] : columns.get(actual.table)?.map(({ name, facts }) => [name, facts['type']]);
    return JSON.stringify([keyOf(actual), fact, expected.facts[fact], actual.facts[fact], types]);
  };
  const open = pairs.filter((pair) => !answers.has(questionOf(pair)));
  const agreed = open.length === 0 ? new Set<Pair>() : await askServer(client, schema, live, open);
  if (agreed === undefined) return pairs.filter(isSameButTextCasts);
  if (answers.size > remembered) answers.clear();
  for (const pair of open) answers.set(questionOf(pair), agreed.has(pair));
  return pairs.filter((pair) => answers.get(questionOf(pair)) === true);
}

const mayNotCreate = new Set(['42501', '25006']);

async function askServer(
  client: pg.ClientBase,
  schema: string,
  live: Catalog,
  pairs: readonly Pair[],
): Promise<Set<Pair> | undefined> {
  await client.query('savepoint schema_opinion');
  try {
    await client.query('create temporary table schema_opinion () on commit drop');
    const aliases = await readAliases(client);
    const [wanted, found] = [
      await readPrinted(
        client,
        schema,
        pairs.map(({ expected, actual, fact }) => canonical(expected, actual, fact, aliases)),
      ),
      await readPrinted(
        client,
        schema,
        pairs.map(({ actual, fact }) => canonical(actual, actual, fact, aliases)),
      ),
    ];
    const same = new Set<Pair>();
    for (const [index, pair] of pairs.entries()) {
      const [left, right] = [wanted[index], found[index]];
      const isSame = left !== undefined && right !== undefined && sameFact(left, right);
      if (isSame || (pair.fact === 'default' && (await isSameConstant(client, schema, live, pair)))) same.add(pair);
    }
    return same;
  } catch (error) {
    if (mayNotCreate.has(sqlStateOf(error) ?? '')) return undefined;
    throw error;
  } finally {
    await client.query(
      `rollback to savepoint schema_opinion; release savepoint schema_opinion; set local search_path = ${quoteName(schema)}`,
    );
  }
}

// The live object with one expected fact, so that nothing else differs.
function canonical(
  source: CatalogObject,
  actual: CatalogObject,
  fact: string,
  aliases: ReadonlyMap<string, string>,
): { object: CatalogObject; fact: string } {
  const value = source.facts[fact];
  const plain = typeof value === 'string' ? withoutAliases(value, aliases) : (value ?? null);
  return { object: { ...actual, facts: { ...actual.facts, [fact]: plain, fires: null } }, fact };
}

/** What the server prints after creating each object; undefined where it cannot. */
async function readPrinted(
  client: pg.ClientBase,
  schema: string,
  objects: readonly { object: CatalogObject; fact: string }[],
): Promise<(CatalogObject['facts'][string] | undefined)[]> {
  await client.query('savepoint schema_printed');
  await client.query(`set local search_path = pg_temp, ${quoteName(schema)}`);
  const made = new Set<CatalogObject>();
  const tables = new Set<string>();
  // Standalone objects first, before copies of tables that they could refer to.
  const order = objects.toSorted((a, b) => Number(a.object.table !== null) - Number(b.object.table !== null));
  for (const { object, fact } of order) {
    const { table } = object;
    if (table !== null && !tables.has(table)) {
      tables.add(table);
      await attempt(
        client,
        `create temporary table ${quoteName(table)} (like ${quoteName(schema)}.${quoteName(table)}) on commit drop`,
      );
    }
    if (await attempt(client, creation(object, fact))) made.add(object);
  }
  const { rows } = await client.query<{ name: string }>(
    'select nspname as name from pg_catalog.pg_namespace where oid = pg_my_temp_schema()',
  );
  const printed = new Map((await readCatalogWithin(client, rows[0]?.name)).map((object) => [keyOf(object), object]));
  await client.query('rollback to savepoint schema_printed; release savepoint schema_printed');
  return objects.map(({ object, fact }) =>
    made.has(object) ? (printed.get(keyOf(object))?.facts[fact] ?? null) : undefined,
  );
}

function creation(object: CatalogObject, fact: string): string | undefined {
  const { kind, table, name } = object;
  if (kind !== 'column') return createObject(object, []);
  const column = `alter table ${quoteName(table ?? '')} alter column ${quoteName(name)}`;
  const given = textFact(object, 'default');
  if (fact === 'default') return given === undefined ? `${column} drop default` : `${column} set default ${given}`;
  // Copied tables have plain columns.
  const type = textFact(object, 'type') ?? '';
  const [, storage = '', expression = ''] = /^(\w+): (.*)$/s.exec(textFact(object, 'generated') ?? '') ?? [];
  return `alter table ${quoteName(table ?? '')} drop column ${quoteName(name)}, add column ${quoteName(name)} ${type} generated always as (${expression}) ${storage}`;
}

async function attempt(client: pg.ClientBase, sql: string | undefined): Promise<boolean> {
  if (sql === undefined) return false;
  await client.query('savepoint schema_attempt');
  try {
    await client.query(sql);
    await client.query('release savepoint schema_attempt');
    return true;
  } catch (error) {
    await client.query('rollback to savepoint schema_attempt; release savepoint schema_attempt');
    if (mayNotCreate.has(sqlStateOf(error) ?? '')) throw error;
    return false;
  }
}

/**
 * Whether two defaults are constants of equal value. PostgreSQL decides what is constant, since a generated column
 * accepts nothing else. JSON is compared by value.
 */
async function isSameConstant(client: pg.ClientBase, schema: string, live: Catalog, pair: Pair): Promise<boolean> {
  const type = textFact(pair.actual, 'type') ?? 'text';
  const isDomain = live.some(({ kind, name }) => kind === 'type' && quoteName(name) === type);
  const texts = [pair.expected, pair.actual].map((object) => textFact(object, pair.fact));
  if (pair.actual.kind !== 'column' || (isDomain && texts.includes(undefined))) return false;
  const [left = '', right = ''] = texts.map((text) => text ?? 'null');
  // Without the length: a cast would truncate, while a default that is too long makes inserts fail.
  const plain = type.replace(/^(character varying|character)\(\d+\)/, 'text');
  const shown = type === 'json' ? '::jsonb::text' : '::text';
  await client.query(`set local search_path = ${quoteName(schema)}`);
  const probe = `create temporary table schema_constant (a ${plain} generated always as (${left}) stored, b ${plain} generated always as (${right}) stored) on commit drop`;
  await client.query('savepoint schema_constant');
  try {
    if (!(await attempt(client, probe))) return false;
    const question = `select (${left})::${plain}${shown} is not distinct from (${right})::${plain}${shown} as same`;
    if (!(await attempt(client, question))) return false;
    const { rows } = await client.query<{ same: boolean }>(question);
    return rows[0]?.same === true;
  } finally {
    await client.query('rollback to savepoint schema_constant; release savepoint schema_constant');
  }
}

/**
 * PostgreSQL functions with identical implementations for every overload, such as `transaction_timestamp` and `now`.
 */
async function readAliases(client: pg.ClientBase): Promise<Map<string, string>> {
  const { rows } = await client.query<{ alias: string; name: string }>(`
    with own as (
      select proname, prosrc, proargtypes, prorettype, provolatile from pg_catalog.pg_proc
      where pronamespace = 'pg_catalog'::regnamespace and prolang = (select oid from pg_catalog.pg_language where lanname = 'internal') and prokind = 'f'),
    pair as (
      select a.proname as alias, b.proname as name, count(*) as forms
      from own a join own b on b.prosrc = a.prosrc and b.proargtypes = a.proargtypes and b.prorettype = a.prorettype
        and b.provolatile = a.provolatile and b.proname <> a.proname
      group by 1, 2)
    select distinct on (alias) alias, name from pair
    where forms = (select count(*) from pg_catalog.pg_proc p where p.proname = pair.alias)
      and (forms < (select count(*) from pg_catalog.pg_proc p where p.proname = pair.name) or name < alias)
    order by alias, name`);
  return new Map(rows.map(({ alias, name }) => [alias, name]));
}

// CURRENT_TIMESTAMP equals transaction_timestamp() (manual, 9.9.5), and so does now().
function withoutAliases(sql: string, aliases: ReadonlyMap<string, string>): string {
  const tokens = tokenize(sql);
  return tokens.map((token, index) => plainToken(token, tokens[index + 1], aliases)).join('');
}

function plainToken(token: Token, next: Token | undefined, aliases: ReadonlyMap<string, string>): string {
  if (token.type !== 'word') return token.text;
  const isCall = next?.text === '(';
  if (token.text === 'CURRENT_TIMESTAMP') return isCall ? token.text : 'now()';
  let name = nameOf(token);
  for (let step = 0; isCall && step < 3; step += 1) name = aliases.get(name) ?? name;
  return name === nameOf(token) ? token.text : name;
}

const textCast = String.raw`::(?:text|character varying)(?!\()`;
const castPatterns = [
  new RegExp(String.raw`('(?:[^']|'')*')${textCast}(?!\[)`, 'g'),
  new RegExp(String.raw`\(('(?:[^']|'')*'|"[^"]+"|[a-z_][\w$]*)\)${textCast}(?!\[)`, 'g'),
  new RegExp(String.raw`\((ARRAY\[[^\[\]]*\])\)${textCast}\[\]`, 'g'),
];

// Printing `a in ('x')` on a varchar, parsing it and printing it again moves its casts between text types.
function isSameButTextCasts({ expected, actual, fact }: Pair): boolean {
  const [wanted, found] = [textFact(expected, fact), textFact(actual, fact)];
  return wanted !== undefined && found !== undefined && withoutTextCasts(wanted) === withoutTextCasts(found);
}

function withoutTextCasts(sql: string): string {
  let text = sql;
  for (let before = ''; before !== text; ) {
    before = text;
    for (const pattern of castPatterns) text = text.replaceAll(pattern, '$1');
  }
  return text;
}
