import { type Catalog, type CatalogObject, needOf, needsOf } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../text/sql-text.ts';
import { textFact } from '../diff/diff.ts';
import type { FixStep } from './steps.ts';

/** A sequence, and the columns that hold its numbers. */
export type Numbering = { sequence: string; object: string; columns: CatalogObject[]; descends: boolean };

/**
 * The columns that hold a sequence's numbers: its owner, those whose default calls it, and by PostgreSQL's naming the
 * column `c` of table `t` for `t_c_seq` or `t_c`. Empty when unknown.
 */
export function numberingOf(sequence: CatalogObject, columns: Catalog): Numbering {
  const need = needOf(sequence);
  const numbered = columns.filter((column) => {
    if (column.kind !== 'column' || !isNumber(column)) return false;
    const own = `${column.table}_${column.name}`;
    return (
      needsOf(column).includes(need) ||
      textFact(sequence, 'ownedBy') === `${column.table}.${column.name}` ||
      sequence.name === own ||
      sequence.name === `${own}_seq`
    );
  });
  const descends = / increment -/.test(textFact(sequence, 'definition') ?? '');
  return { sequence: quoteName(sequence.name), object: sequence.name, columns: numbered, descends };
}

export function identityNumbering(column: CatalogObject): Numbering | undefined {
  const sequence = textFact(column, 'identitySequence');
  if (sequence === undefined) return undefined;
  const descends = / increment -/.test(textFact(column, 'identity') ?? '');
  return { sequence, object: `${column.table}.${column.name}`, columns: [column], descends };
}

/** SQL that advances a sequence to the furthest number in rows; never moves it back. */
export function setPastRows(
  { sequence, columns, descends }: Numbering,
  name = quoteText(sequence),
): string | undefined {
  if (columns.length === 0) return undefined;
  const taken = columns.map(
    ({ table, name: column }) => `select ${quoteName(column)}::bigint from ${quoteName(table ?? '')}`,
  );
  const [furthest, reached] = descends ? ['min', '<='] : ['max', '>='];
  return [
    `select setval(bounds.seqrelid::regclass, ${furthest}(taken.number)) from (${taken.join(' union all ')}) as taken (number)`,
    ` join pg_catalog.pg_sequence as bounds on bounds.seqrelid = (${name})::regclass`,
    ' and taken.number between bounds.seqmin and bounds.seqmax',
    ` group by bounds.seqrelid having ${furthest}(taken.number) ${reached}`,
    ' coalesce(pg_sequence_last_value(bounds.seqrelid), min(bounds.seqstart))',
  ].join('');
}

/** Keeps a recreated sequence from repeating numbers. */
export function numberingSteps(sequence: CatalogObject, expected: Catalog): FixStep[] {
  const numbering = numberingOf(sequence, expected);
  return numberSteps(setPastRows(numbering), sequence, numbering.columns);
}

/** Keeps the new sequence of an identity column from repeating numbers. */
export function identitySteps(column: CatalogObject): FixStep[] {
  const place = `pg_get_serial_sequence(${quoteText(quoteName(column.table ?? ''))}, ${quoteText(column.name)})`;
  const numbering = {
    sequence: '',
    object: '',
    columns: [column],
    descends: / increment -/.test(textFact(column, 'identity') ?? ''),
  };
  return numberSteps(setPastRows(numbering, place), column, [column]);
}

function numberSteps(sql: string | undefined, object: CatalogObject, columns: readonly CatalogObject[]): FixStep[] {
  if (sql === undefined) return [];
  const order = { act: 'alter' as const, object: needOf(object), needs: columns.map(needOf) };
  return [{ phase: 'rest', class: 'additive', locks: 'none', sql, order }];
}

const numbers = /^(smallint|integer|bigint|numeric)/;

function isNumber(column: CatalogObject): boolean {
  return numbers.test(textFact(column, 'type') ?? '');
}

// All options: omitted defaults must be explicit where they were changed.
export function allOptions(options: string): string {
  const has = (word: string) => new RegExp(`(^| )${word}( |$)`).test(options);
  return [
    options,
    ...(has('minvalue') ? [] : ['no minvalue']),
    ...(has('maxvalue') ? [] : ['no maxvalue']),
    ...(has('cycle') ? [] : ['no cycle']),
  ].join(' ');
}
