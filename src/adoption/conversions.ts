import { type Catalog, type CatalogObject, titleOf } from '@likeness/schema-tools/catalog/objects.ts';
import { keyColumns, keyExpression } from '@likeness/schema-tools/catalog/contents.ts';
import { changeType } from '@likeness/schema-tools/fix/column-changes.ts';
import { textFact } from '@likeness/schema-tools/diff/diff.ts';
import type { DriftFinding } from '@likeness/schema-tools/fix/finding.ts';
import { quoteName, quoteText } from '@likeness/schema-tools/text/sql-text.ts';

/** A change of values: SQL in order, which saves every replaced value in the ledger. */
export type Conversion = { title: string; why: string; statements: string[] };

/** The setting that holds the id of the ledger's entry, so that the SQL can be shown before the entry exists. */
export const actSetting = 'likeness.act';

/** SQL that saves the values of a column in the rows that match a condition. */
export function keepOriginals(live: Catalog, table: string, column: string, where: string): string {
  const key = keyExpression(keyColumns(live, table));
  return `insert into drizzle.likeness_originals (ledger_id, table_name, row_key, column_name, original)
select current_setting('${actSetting}')::bigint, ${quoteText(table)}, ${key}, ${quoteText(column)}, to_jsonb(${quoteName(column)}::text)
from ${quoteName(table)} where ${where}
on conflict do nothing`;
}

export function convertColumn(
  live: Catalog,
  {
    table,
    column,
    value,
    where,
    title,
    why,
  }: { table: string; column: string; value: string; where: string; title: string; why: string },
): Conversion {
  return {
    title,
    why,
    statements: [
      keepOriginals(live, table, column, where),
      `update ${quoteName(table)} set ${quoteName(column)} = ${value} where ${where}`,
    ],
  };
}

/** The earlier system's names for enum values, and the reason for their mapping; null maps to NULL. */
const aliases: {
  readonly [enumName in string]?: { words: Readonly<Record<string, string | null>>; why: string };
} = {
  falpriority: {
    words: { speed: 'normal', quality: 'normal', balanced: 'normal', high_res_only: 'normal' },
    why: 'what they asked of fal is no longer offered',
  },
  avatarstatus: {
    words: { ready_for_training: 'ready', photos_uploading: 'uploading' },
    why: 'they are other words for these',
  },
  falfinetunetype: {
    words: { full: null },
    why: 'no trainer makes it; the word stays in training_config',
  },
};

/** SQL for the label of a value: equal, equal in lower case, or its alias; else NULL. */
export function labelExpression(column: string, enumName: string, labels: readonly string[]): string {
  const text = `lower(${quoteName(column)}::text)`;
  const cases = [
    `when ${text} in (${labels.map(quoteText).join(', ')}) then ${text}`,
    ...aliasesOf(enumName, labels).flatMap(([word, label]) =>
      label === null ? [] : [`when ${text} = ${quoteText(word)} then ${quoteText(label)}`],
    ),
  ];
  return `case ${cases.join(' ')} end`;
}

/** SQL that is true for values which are neither a label in any case nor a known alias. */
export function isUnknownLabel(column: string, enumName: string, labels: readonly string[]): string {
  const known = [...labels, ...aliasesOf(enumName, labels).map(([word]) => word)];
  return `lower(${quoteName(column)}::text) not in (${known.map(quoteText).join(', ')})`;
}

function aliasesOf(enumName: string, labels: readonly string[]): [word: string, label: string | null][] {
  return Object.entries(aliases[enumName]?.words ?? {}).filter(([word]) => !labels.includes(word));
}

export function labelsOf(catalog: Catalog, name: string): string[] {
  const labels = catalog.find((object) => object.kind === 'enum' && object.name === name)?.facts['labels'];
  return Array.isArray(labels) ? labels : [];
}

/**
 * The conversion of a column whose type differs; undefined for types without a lossless conversion.
 * @param unknownLabel SQL for values without a label, where that was allowed
 */
export function convertType(
  { difference }: DriftFinding,
  live: Catalog,
  expected: Catalog,
  unknownLabel = 'null',
): Conversion | undefined {
  const { expected: wanted, actual } = difference;
  if (!wanted || !actual || wanted.table === null) return undefined;
  const [type, liveType] = [textFact(wanted, 'type') ?? '', textFact(actual, 'type') ?? ''];
  const value = valueFor(wanted, type, liveType, expected, unknownLabel);
  if (value === undefined) return undefined;
  const column = quoteName(wanted.name);
  const differs = `(${value})::${type}::text is distinct from ${column}::text`;
  const isText = (text: string) => /^(text|character varying)/.test(text);
  const mapped = labelsOf(expected, type).length > 0 ? aliasText(type) : '';
  return {
    title: `${titleOf(wanted)}: ${liveType} becomes ${type}`,
    why: `${isText(type) ? 'Values stay as they are.' : 'Values that print differently afterwards are kept in the ledger.'}${mapped}`,
    // Every value fits a shorter text type by now, or the adoption was refused.
    statements: [
      ...(isText(type) ? [] : [keepOriginals(live, wanted.table, wanted.name, differs)]),
      changeType(wanted, actual, isText(type) ? undefined : `(${value})::${type}`),
    ],
  };
}

function aliasText(enumName: string): string {
  const known = aliases[enumName];
  if (known === undefined) return '';
  const words = Object.keys(known.words).join(', ');
  const labels = [...new Set(Object.values(known.words))].map((label) => label ?? 'no value');
  return ` ${words} become ${labels.join(', ')}: ${known.why}.`;
}

function valueFor(
  { name }: CatalogObject,
  type: string,
  liveType: string,
  expected: Catalog,
  unknownLabel: string,
): string | undefined {
  const column = quoteName(name);
  const labels = labelsOf(expected, type);
  if (labels.length > 0) return `coalesce(${labelExpression(name, type, labels)}, ${unknownLabel})`;
  const pair = `${base(liveType)} > ${base(type)}`;
  if (/^(text|character varying|character) > (text|character varying)$/.test(pair)) return column;
  switch (pair) {
    case 'timestamp with time zone > timestamp without time zone':
    case 'timestamp without time zone > timestamp with time zone':
      // Timestamps without a zone are UTC in both systems.
      return `${column} at time zone 'UTC'`;
    case 'json > jsonb':
    case 'jsonb > json':
    case 'smallint > integer':
    case 'smallint > bigint':
    case 'integer > bigint':
      return `${column}::${type}`;
    case 'real > double precision':
      // As text: a direct cast of a real adds digits.
      return `${column}::text::double precision`;
    default:
      return undefined;
  }
}

function base(type: string): string {
  return type.replace(/\(.*?\)/, '');
}

/** Recreates an enum type whose labels differ and converts its columns; labels that no row may keep are dropped. */
export function recreateEnum(
  name: string,
  live: Catalog,
  expected: Catalog,
  unknownLabelOf: (column: CatalogObject) => string,
): Conversion {
  const labels = labelsOf(expected, name);
  const old = quoteName(`${name}_earlier`);
  const users = live.filter(({ kind, facts }) => kind === 'column' && facts['type'] === name);
  const columns = users.flatMap((actual) => {
    const wanted =
      expected.find(
        (object) => object.kind === 'column' && object.table === actual.table && object.name === actual.name,
      ) ?? actual;
    const value = `coalesce(${labelExpression(actual.name, name, labels)}, ${unknownLabelOf(wanted)})`;
    const differs = `(${value})::text is distinct from ${quoteName(actual.name)}::text`;
    return [
      keepOriginals(live, actual.table ?? '', actual.name, differs),
      changeType({ ...wanted, facts: { ...wanted.facts, type: name } }, actual, `(${value})::${quoteName(name)}`),
    ];
  });
  return {
    title: `The enum type ${name} gets the labels ${labels.join(', ')}`,
    why: `Labels can not be taken away or put in order, so the type is made anew; values are matched without regard to case.${aliasText(name)}`,
    statements: [
      `alter type ${quoteName(name)} rename to ${old}`,
      `create type ${quoteName(name)} as enum (${labels.map(quoteText).join(', ')})`,
      ...columns,
      `drop type ${old}`,
    ],
  };
}
