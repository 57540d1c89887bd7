import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { keyColumns, keyExpression } from '../catalog/contents.ts';
import { quoteName, quoteText } from '../text/sql-text.ts';
import type { Severity } from '../diff/codes.ts';
import { isForeignKey } from './ddl.ts';
import { type Difference, textFact } from '../diff/diff.ts';
import { identityNumbering, numberingOf } from './numbering.ts';

/** Codes of findings about rows: `check --data` searches where the schema permits wrong ones. */
export const dataCodes = {
  data_null: 'Rows without a value in a column that the model says is NOT NULL.',
  data_too_long: 'Values that the type of the model does not hold.',
  data_enum: 'Values that the enum type of the model does not have.',
  data_duplicate: 'Rows that a unique key of the model allows only once.',
  data_check: 'Rows that break a check of the model.',
  data_orphan: 'Rows that point to none, where the model has a foreign key.',
  sequence_behind: 'A sequence that will give ids which are taken, that of an identity too.',
} as const satisfies Record<string, string>;
export type DataCode = keyof typeof dataCodes;

/** A query for rows that break a rule: `sql` selects their keys. */
export type Question = { code: DataCode; severity: Severity; object: string; table: string; sql: string; what: string };

/** Queries for a difference that permits wrong rows. */
export function questionsOf({ code, expected, actual, facts }: Difference, live: Catalog): Question[] {
  if (!expected) return [];
  // A type belongs to no table.
  if (code === 'enum_values') return enumQuestions(expected, actual, live);
  const { name, table } = expected;
  if (table === null) return [];
  const ask = (dataCode: DataCode, what: string, condition: string): Question[] => [
    {
      code: dataCode,
      severity: 'warning',
      object: `${table}.${name}`,
      table,
      what,
      sql: `select ${keyExpression(keyColumns(live, table))} from ${quoteName(table)} where ${condition}`,
    },
  ];
  const column = quoteName(name);
  switch (code) {
    case 'column_nullable':
    case 'column_not_null_not_valid':
      return expected.facts['nullable'] === false ? ask('data_null', `have no ${name}`, `${column} is null`) : [];
    case 'column_type':
      return typeQuestions(expected, actual, live, ask);
    case 'missing_constraint':
    case 'constraint_def':
    case 'constraint_not_valid':
      return constraintQuestions(expected, live, ask);
    case 'missing_index':
    case 'index_def':
    case 'index_invalid':
      return expected.facts['unique'] === true || facts.includes('invalid') ? uniqueQuestions(expected, live) : [];
    default:
      return [];
  }
}

type Ask = (code: DataCode, what: string, condition: string) => Question[];

function typeQuestions(expected: CatalogObject, actual: CatalogObject | null, live: Catalog, ask: Ask): Question[] {
  const type = textFact(expected, 'type') ?? '';
  const column = quoteName(expected.name);
  const length = /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1];
  if (length !== undefined && /^(text|character)/.test(textFact(actual, 'type') ?? '')) {
    return ask(
      'data_too_long',
      `have more than ${length} characters in ${expected.name}`,
      `length(${column}::text) > ${length}`,
    );
  }
  const isText = /^(text|character)/.test(textFact(actual, 'type') ?? '');
  const labels = live.find(({ kind, name }) => kind === 'enum' && name === type)?.facts['labels'];
  if (!isText || !Array.isArray(labels)) return [];
  return ask(
    'data_enum',
    `have a ${expected.name} that is not in ${type}`,
    `${column} not in (${labels.map(quoteText).join(', ')})`,
  );
}

function enumQuestions(expected: CatalogObject, actual: CatalogObject | null, live: Catalog): Question[] {
  const wanted = expected.facts['labels'];
  const there = actual?.facts['labels'];
  if (!Array.isArray(wanted) || !Array.isArray(there)) return [];
  const extra = there.filter((label) => !wanted.includes(label));
  if (extra.length === 0) return [];
  const users = live.filter(({ kind, facts }) => kind === 'column' && facts['type'] === expected.name);
  return users.flatMap(({ table, name }) =>
    table === null
      ? []
      : [
          {
            code: 'data_enum' as const,
            severity: 'warning' as const,
            object: `${table}.${name}`,
            table,
            what: `have a ${name} that the model does not know`,
            sql: `select ${keyExpression(keyColumns(live, table))} from ${quoteName(table)} where ${quoteName(name)}::text in (${extra.map(quoteText).join(', ')})`,
          },
        ],
  );
}

function constraintQuestions(expected: CatalogObject, live: Catalog, ask: Ask): Question[] {
  const definition = textFact(expected, 'definition') ?? '';
  if (isForeignKey(expected)) return orphanQuestions(expected, ask);
  if (expected.facts['type'] !== 'check') return uniqueQuestions(expected, live);
  const condition = /^CHECK \((.*)\)(?: NO INHERIT)?$/s.exec(definition)?.[1];
  return condition === undefined ? [] : ask('data_check', `break ${expected.name}`, `(${condition}) is false`);
}

function orphanQuestions(expected: CatalogObject, ask: Ask): Question[] {
  const [, columns = '', target = '', keys = ''] =
    /^FOREIGN KEY \((.*?)\) REFERENCES (.*?)\((.*?)\)/.exec(textFact(expected, 'definition') ?? '') ?? [];
  // Qualified, since a table or column may have any name.
  const own = columns.split(', ').map((name) => `${quoteName(expected.table ?? '')}.${name}`);
  const condition = `${own.map((name) => `${name} is not null`).join(' and ')} and (${own.join(', ')}) not in (select ${keys} from ${target} where ${keys
    .split(', ')
    .map((name) => `${name} is not null`)
    .join(' and ')})`;
  return ask('data_orphan', `point to no row of ${target}`, condition);
}

function uniqueQuestions(expected: CatalogObject, live: Catalog): Question[] {
  const { table, name } = expected;
  const definition = textFact(expected, 'definition') ?? '';
  const list = /\(([^()]+)\)/.exec(definition)?.[1];
  // Only PostgreSQL can compare expressions, or values with options.
  if (table === null || list === undefined) return [];
  const where = / WHERE (.*)$/s.exec(definition)?.[1];
  const distinct = /NULLS NOT DISTINCT/.test(definition);
  const conditions = [
    ...(distinct ? [] : list.split(', ').map((column) => `${column} is not null`)),
    ...(where === undefined ? [] : [`(${where})`]),
  ];
  const filter = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return [
    {
      code: 'data_duplicate',
      severity: 'critical',
      object: `${table}.${name}`,
      table,
      what: `share their ${list} with another`,
      sql: `select counted_rows.key from (select ${keyExpression(keyColumns(live, table))}, count(*) over (partition by ${list}) from ${quoteName(table)}${filter}) as counted_rows (key, same) where counted_rows.same > 1`,
    },
  ];
}

/** Queries for sequences that return existing ids: of owners, defaults and identities. */
export function sequenceQuestions(live: Catalog): Question[] {
  const columns = live.filter(({ kind }) => kind === 'column');
  const numberings = [
    ...live.filter(({ kind }) => kind === 'sequence').map((sequence) => numberingOf(sequence, columns)),
    ...columns.flatMap((column) => identityNumbering(column) ?? []),
  ];
  return numberings.flatMap(({ sequence, object, columns: numbered, descends }) =>
    numbered.flatMap(({ table, name }) => {
      if (table === null) return [];
      const next = `(select next_number.last_value + next_number.is_called::int * (select seqincrement from pg_catalog.pg_sequence where seqrelid = ${quoteText(sequence)}::regclass) from ${sequence} as next_number)`;
      return [
        {
          code: 'sequence_behind' as const,
          severity: 'critical' as const,
          object,
          table,
          what: `have a ${name} that the sequence ${sequence} has still to give`,
          sql: `select ${quoteName(name)}::text from ${quoteName(table)} where ${quoteName(name)} ${descends ? '<=' : '>='} ${next}`,
        },
      ];
    }),
  );
}
