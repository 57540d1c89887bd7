import type pg from 'pg';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import type { CheckResult } from '@likeness/schema-tools/acts/check.ts';
import { isForeignKey } from '@likeness/schema-tools/fix/ddl.ts';
import type { DriftFinding } from '@likeness/schema-tools/fix/finding.ts';
import { type FixStep, sortSteps } from '@likeness/schema-tools/fix/steps.ts';
import { quoteName } from '@likeness/schema-tools/text/sql-text.ts';
import { adoption, type Refusal } from './codes.ts';
import { type Conversion, convertColumn, convertType, recreateEnum } from './conversions.ts';
import { decide } from './decide.ts';
import { findRefusals, rangeOf } from './refusals.ts';
import { type AdoptionStep, longAddressSteps, valueSteps } from './values.ts';

export type { AdoptionStep };

export type AdoptionPlan = {
  steps: AdoptionStep[];
  kept: { finding: DriftFinding; reason: string }[];
  refusals: Refusal[];
};

/**
 * Plans the adoption of a database of the earlier system: schema changes from the differences, conversions of values.
 * Reads only, in the caller's transaction.
 * @param allow codes of refusals to override
 */
export async function planAdoption(
  client: pg.ClientBase,
  { drift, live, expected }: Pick<CheckResult, 'drift' | 'live' | 'expected'>,
  allow: readonly string[],
): Promise<AdoptionPlan> {
  const missing = adoption.tables.filter(
    (name) => !live.some((object) => object.kind === 'table' && object.name === name),
  );
  if (missing.length > 0) return { steps: [], kept: [], refusals: [noTables(missing)] };
  const found = await findRefusals(client, drift, live, expected);
  const allowed = found.filter(({ code, mayBeAllowed }) => mayBeAllowed && allow.includes(code));
  const unconvertible = drift.filter(
    (finding) => finding.code === 'column_type' && !convertType(finding, live, expected),
  );
  const refusals = [...found.filter((each) => !allowed.includes(each)), ...unconvertible.map(cannotConvert)];
  const kept = drift.flatMap((finding) => {
    const decision = decide(finding);
    return decision.kind === 'keep' ? [{ finding, reason: decision.reason }] : [];
  });
  const steps = [
    ...choiceSteps(allowed, drift, live, expected),
    ...typeSteps(drift, live, expected, allowed),
    ...schemaSteps(drift, allowed),
    ...longAddressSteps(live).map((step) => ({ ...step, place: 'first' as const })),
    ...valueSteps(live).map((step) => ({ ...step, place: 'values' as const })),
  ];
  return { steps: arrange(steps), kept, refusals };
}

const places = ['first', 'enums', 'types', 'convert', 'before', 'values', 'after'] as const;
type Placed = AdoptionStep & { place: (typeof places)[number] };

// Types before their columns; values between the creation of columns and that of constraints.
function arrange(placed: Placed[]): AdoptionStep[] {
  return placed
    .toSorted((a, b) => places.indexOf(a.place) - places.indexOf(b.place))
    .map(({ place: _place, ...step }) => step);
}

const placeOfPhase: { readonly [phase in FixStep['phase']]?: Placed['place'] } = {
  drop: 'types',
  types: 'types',
  sequences: 'before',
  functions: 'before',
  tables: 'before',
  columns: 'before',
  alter: 'before',
};

function schemaSteps(drift: readonly DriftFinding[], allowed: readonly Refusal[]): Placed[] {
  const chosen = drift.filter((finding) => decide(finding).kind === 'apply');
  const orphaned = new Set(allowed.filter(({ code }) => code === 'adopt_orphans').map(({ object }) => object));
  const steps = sortSteps(
    chosen.flatMap(({ steps: own, object, difference }) =>
      orphaned.has(object) && isForeignKey(difference.expected) ? own.map(notValid) : own,
    ),
  );
  const groups = new Map<FixStep['phase'], FixStep[]>();
  for (const step of steps) groups.set(step.phase, [...(groups.get(step.phase) ?? []), step]);
  return [...groups].map(([phase, own]) => ({
    kind: 'schema' as const,
    place: placeOfPhase[phase] ?? ('after' as const),
    title: `${titles[phase] ?? phase} (${own.length})`,
    why: reasons[phase] ?? '',
    statements: own.map(({ sql }) => sql),
  }));
}

function notValid(step: FixStep): FixStep {
  return step.phase === 'keys' ? { ...step, sql: `${step.sql} not valid` } : step;
}

const titles: { readonly [phase in string]?: string } = {
  drop: 'Take away keys and indexes that are made anew',
  types: 'Make enum types',
  sequences: 'Make sequences',
  tables: 'Make tables',
  columns: 'Add columns',
  alter: 'Set defaults, and let columns be empty',
  checks: 'Put checks and unique keys over the rows',
  indexes: 'Build indexes',
  keys: 'Put foreign keys over the rows',
};
const reasons: { readonly [phase in string]?: string } = {
  columns: 'They are NULL in the rows that are there: nothing is claimed of them.',
  alter: 'Values stay; the service names every value, the earlier system’s readers see the same.',
  keys: 'With the action that each has on deletion.',
};

function typeSteps(
  drift: readonly DriftFinding[],
  live: Catalog,
  expected: Catalog,
  allowed: readonly Refusal[],
): Placed[] {
  // Values without a label become the column's default, or NULL.
  const unknownLabel = (table: string | null, name: string) => {
    const isAllowed = allowed.some(
      ({ code, object }) => code === 'adopt_unknown_enum_value' && object === `${table}.${name}`,
    );
    const column = expected.find(
      (object) => object.kind === 'column' && object.table === table && object.name === name,
    );
    const given = column?.facts['default'];
    return isAllowed && column?.facts['nullable'] !== true && typeof given === 'string'
      ? given.replace(/::.*$/, '')
      : 'null';
  };
  return drift.flatMap((finding) => {
    const { code, difference } = finding;
    const conversion =
      code === 'column_type'
        ? convertType(
            finding,
            live,
            expected,
            unknownLabel(difference.expected?.table ?? null, difference.expected?.name ?? ''),
          )
        : code === 'enum_values'
          ? recreateEnum(finding.object, live, expected, ({ table, name }) => unknownLabel(table, name))
          : undefined;
    return conversion ? [asStep(conversion, code === 'enum_values' ? 'enums' : 'convert')] : [];
  });
}

function asStep({ title, why, statements }: Conversion, place: Placed['place']): Placed {
  return { kind: 'data', title, why, statements, place };
}

function choiceSteps(
  allowed: readonly Refusal[],
  drift: readonly DriftFinding[],
  live: Catalog,
  expected: Catalog,
): Placed[] {
  return allowed.flatMap(({ code, object, table }) => {
    const [, column = ''] = object.split('.');
    if (table === null) return [];
    const asked = {
      table,
      column,
      title: `${object}: allowed by ${code}`,
      why: 'The originals are kept in the ledger.',
    };
    switch (code) {
      case 'adopt_too_long': {
        const wanted = drift.find((finding) => finding.object === object)?.expected ?? '';
        const length = /\((\d+)\)/.exec(wanted)?.[1] ?? '0';
        const where = `length(${quoteName(column)}::text) > ${length}`;
        return [asStep(convertColumn(live, { ...asked, value: 'null', where }), 'first')];
      }
      case 'adopt_null': {
        const wanted = expected.find((each) => each.kind === 'column' && each.table === table && each.name === column);
        const value = String(wanted?.facts['default']);
        return [asStep(convertColumn(live, { ...asked, value, where: `${quoteName(column)} is null` }), 'before')];
      }
      case 'adopt_out_of_range': {
        const range = rangeOf(object, expected);
        if (!range) return [];
        const where = `${range.value} <> ${quoteName(range.column)}`;
        return [asStep(convertColumn(live, { ...asked, column: range.column, value: range.value, where }), 'first')];
      }
      case 'adopt_duplicate_photos': {
        const later = `select id from (select id, row_number() over (partition by avatar_id, file_hash order by created_at, id) as n from avatar_photos) as counted where n > 1`;
        return [
          asStep(
            convertColumn(live, { ...asked, column: 'file_hash', value: 'id::text', where: `id in (${later})` }),
            'first',
          ),
        ];
      }
      default:
        return [];
    }
  });
}

function noTables(missing: string[]): Refusal {
  const message = `The tables ${missing.join(', ')} are not there: this is no database of the earlier system.`;
  return {
    code: 'adopt_no_tables',
    object: missing.join(', '),
    table: null,
    rows: [],
    count: 0,
    message,
    mayBeAllowed: false,
  };
}

function cannotConvert({ object, table, expected, actual }: DriftFinding): Refusal {
  const message = `${object} is ${actual}, and the model says ${expected}: turn it by hand, then adopt.`;
  return { code: 'adopt_type', object, table, rows: [], count: 0, message, mayBeAllowed: false };
}

/** The number of rows that each conversion would change, by the title of its step. */
export async function countChanges(client: pg.ClientBase, live: Catalog): Promise<{ what: string; rows: number }[]> {
  const has = (name: string) =>
    live.some((object) => object.kind === 'column' && object.table === 'avatars' && object.name === name);
  const requestId = has('fal_request_id') ? 'fal_request_id' : 'null';
  const priority = has('fal_priority') ? 'fal_priority::text' : `'none'`;
  const { rows } = await client.query<{ what: string; n: string | number }>(`
    select 'fal_priority ' || ${priority} as what, count(*) as n from avatars group by 1
    union all select 'photos_count wrong', count(*) from avatars
      where photos_count <> (select count(*) from avatar_photos as photo where photo.avatar_id = avatars.id)
    union all select 'in training with a request id', count(*) from avatars where lower(status::text) = 'training' and ${requestId} is not null
    union all select 'in training without a request id', count(*) from avatars where lower(status::text) = 'training' and ${requestId} is null
    order by 1`);
  return rows.map(({ what, n }) => ({ what, rows: Number(n) }));
}
