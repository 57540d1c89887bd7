import { andMore } from '@likeness/schema-tools/text/words.ts';
import type pg from 'pg';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { keyColumns, keyExpression } from '@likeness/schema-tools/catalog/contents.ts';
import { type Question, questionsOf } from '@likeness/schema-tools/fix/data-questions.ts';
import { textFact } from '@likeness/schema-tools/diff/diff.ts';
import type { DriftFinding } from '@likeness/schema-tools/fix/finding.ts';
import { sqlStateOf } from '@likeness/schema-tools/history/errors.ts';
import { quoteName } from '@likeness/schema-tools/text/sql-text.ts';
import { type AdoptionCode, adoptionCodes, type Refusal } from './codes.ts';
import { isUnknownLabel, labelsOf } from './conversions.ts';
import { decide } from './decide.ts';
import { addressColumns } from './values.ts';

const namedRows = 20;

type Rows = { keys: string[]; count: number };

/** Finds all rows and objects that the adoption cannot take over. Reads only. */
export async function findRefusals(
  client: pg.ClientBase,
  findings: readonly DriftFinding[],
  live: Catalog,
  expected: Catalog,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const finding of findings) {
    const decision = decide(finding);
    if (decision.kind === 'refuse' && !(await isHarmless(client, finding, decision.why))) {
      refusals.push(
        refusalOf(decision.why, finding.object, finding.table, { keys: [], count: 0 }, finding.message, false),
      );
    }
    if (decision.kind === 'keep') continue;
    for (const question of questionsOf(finding.difference, live))
      refusals.push(...(await askQuestion(client, question, finding, expected)));
    refusals.push(...(await findUnknownLabels(client, finding, live, expected)));
  }
  return [...refusals, ...(await findDuplicateRequestIds(client, live))];
}

// An empty table takes any column.
async function isHarmless(client: pg.ClientBase, { table }: DriftFinding, why: AdoptionCode): Promise<boolean> {
  if (why !== 'adopt_no_value' || table === null) return false;
  const { rows } = await client.query(`select from ${quoteName(table)} limit 1`);
  return rows.length === 0;
}

async function askQuestion(
  client: pg.ClientBase,
  question: Question,
  finding: DriftFinding,
  expected: Catalog,
): Promise<Refusal[]> {
  // Handled elsewhere: enum values with their aliases, the flag of drafts, long URLs.
  if (question.code === 'data_enum' || finding.object === 'avatars.avatars_is_draft_check') return [];
  if (question.code === 'data_too_long' && addressColumns.some((name) => finding.object === `avatars.${name}`))
    return [];
  const rows = await askRows(client, question.sql);
  if (rows.count === 0) return [];
  const { code, mayBeAllowed } = classify(question, finding, expected);
  return [
    refusalOf(code, finding.object, question.table, rows, `Rows of ${question.table} ${question.what}`, mayBeAllowed),
  ];
}

function classify(
  { code }: Question,
  { object, difference }: DriftFinding,
  expected: Catalog,
): { code: AdoptionCode; mayBeAllowed: boolean } {
  const facts = difference.expected?.facts;
  switch (code) {
    case 'data_too_long':
      return { code: 'adopt_too_long', mayBeAllowed: facts?.['nullable'] === true };
    case 'data_null':
      return { code: 'adopt_null', mayBeAllowed: typeof facts?.['default'] === 'string' };
    case 'data_orphan':
      return { code: 'adopt_orphans', mayBeAllowed: true };
    case 'data_duplicate':
      return object === 'avatar_photos.ix_avatar_photos_avatar_id_file_hash'
        ? { code: 'adopt_duplicate_photos', mayBeAllowed: true }
        : { code: 'adopt_duplicate', mayBeAllowed: false };
    case 'data_check':
      return rangeOf(object, expected)
        ? { code: 'adopt_out_of_range', mayBeAllowed: true }
        : { code: 'adopt_check', mayBeAllowed: false };
    default:
      return { code: 'adopt_check', mayBeAllowed: false };
  }
}

/** Column and bounds of a check constraint that is only a range of numbers, such as `a >= 0`. */
export function rangeOf(
  object: string,
  expected: Catalog,
): { table: string; column: string; value: string } | undefined {
  const check = expected.find(({ kind, table, name }) => kind === 'constraint' && `${table}.${name}` === object);
  const [, column, least, , most] =
    /^CHECK \(+([a-z_]+) >= (\d+)\)+(?: AND \(\1 (<=) (\d+)\)+)?$/.exec(textFact(check, 'definition') ?? '') ?? [];
  if (!check?.table || column === undefined || least === undefined) return undefined;
  const name = quoteName(column);
  const value = most === undefined ? `greatest(${name}, ${least})` : `least(greatest(${name}, ${least}), ${most})`;
  return { table: check.table, column, value };
}

async function findUnknownLabels(
  client: pg.ClientBase,
  finding: DriftFinding,
  live: Catalog,
  expected: Catalog,
): Promise<Refusal[]> {
  const { code, difference } = finding;
  const columns =
    code === 'enum_values'
      ? live.filter(({ kind, facts }) => kind === 'column' && facts['type'] === finding.object)
      : code === 'column_type' && difference.expected
        ? [difference.expected]
        : [];
  const refusals: Refusal[] = [];
  for (const { table, name, facts } of columns) {
    const type = String(facts['type']);
    const labels = labelsOf(expected, type);
    if (labels.length === 0 || table === null) continue;
    const wanted = expected.find(
      (object) => object.kind === 'column' && object.table === table && object.name === name,
    );
    const where = isUnknownLabel(name, type, labels);
    const rows = await askRows(
      client,
      `select ${keyExpression(keyColumns(live, table))} from ${quoteName(table)} where ${where}`,
    );
    const mayBeAllowed = wanted?.facts['nullable'] === true || typeof wanted?.facts['default'] === 'string';
    if (rows.count > 0) {
      refusals.push(
        refusalOf(
          'adopt_unknown_enum_value',
          `${table}.${name}`,
          table,
          rows,
          `Rows of ${table} have a ${name} that is not in ${type}`,
          mayBeAllowed,
        ),
      );
    }
  }
  return refusals;
}

async function findDuplicateRequestIds(client: pg.ClientBase, live: Catalog): Promise<Refusal[]> {
  if (!live.some(({ kind, table, name }) => kind === 'column' && table === 'avatars' && name === 'fal_request_id'))
    return [];
  const rows = await askRows(
    client,
    `select id::text from (
       select id, fal_request_id, status, count(*) over same as n, bool_or(lower(status::text) = 'training') over same as trains
       from avatars where fal_request_id is not null window same as (partition by fal_request_id)) as counted
     where n > 1 and trains`,
  );
  if (rows.count === 0) return [];
  return [
    refusalOf(
      'adopt_duplicate_request_ids',
      'avatars.fal_request_id',
      'avatars',
      rows,
      'Avatars share a request id with one in training',
      true,
    ),
  ];
}

function refusalOf(
  code: AdoptionCode,
  object: string,
  table: string | null,
  { keys, count }: Rows,
  what: string,
  mayBeAllowed: boolean,
): Refusal {
  const list = keys.length === 0 ? '' : ` (${count}): ${keys.join(', ')}${andMore(count, keys.length)}`;
  const { choice } = adoptionCodes[code];
  const offer = mayBeAllowed && choice !== null ? ` With --allow ${code} ${choice}.` : ' Mend it by hand, then adopt.';
  return {
    code,
    object,
    table,
    rows: keys,
    count,
    message: `${what}${list}${list === '' ? '' : '.'}${offer}`,
    mayBeAllowed: mayBeAllowed && choice !== null,
  };
}

async function askRows(client: pg.ClientBase, sql: string): Promise<Rows> {
  await client.query('savepoint question');
  try {
    const { rows } = await client.query<{ key: string | null; n: string | number }>(
      `select key, count(*) over () as n from (${sql}) as broken (key) order by key limit ${namedRows}`,
    );
    return { keys: rows.map(({ key }) => key ?? '?'), count: Number(rows[0]?.n ?? 0) };
  } catch (error) {
    // A constraint on a column that does not exist yet holds for every row.
    await client.query('rollback to savepoint question');
    if (sqlStateOf(error) === '42703') return { keys: [], count: 0 };
    throw error;
  }
}
