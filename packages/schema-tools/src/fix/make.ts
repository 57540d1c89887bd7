import { type Catalog, type CatalogObject, needOf, needsOf, tableOfNeed } from '../catalog/objects.ts';
import { quoteName } from '../text/sql-text.ts';
import { alterTable, createObject, dropObject, isForeignKey, ownSequence } from './ddl.ts';
import type { Difference } from '../diff/diff.ts';
import { finishingSteps } from './finish.ts';
import { type FixStep, locks, placed, step } from './steps.ts';
import { numberingSteps } from './numbering.ts';

export function stepsToMake(object: CatalogObject, expected: Catalog): FixStep[] {
  const made = placed(creation(object, expected), 'make', withPartsNeeds(object, expected), null);
  return [...made, ...placed(finishingSteps(object, expected), 'alter', object, null)];
}

// CREATE TABLE includes columns and keys, so it needs what they need.
function withPartsNeeds(object: CatalogObject, expected: Catalog): CatalogObject {
  if (object.kind !== 'table') return object;
  const parts = expected.filter((part) => part.table === object.name && isMadeWithTable(part));
  const own = needOf(object);
  const needs = new Set(
    [object, ...parts].flatMap(needsOf).filter((need) => need !== own && tableOfNeed(need) !== own),
  );
  return { ...object, facts: { ...object.facts, needs: [...needs] } };
}

/** Whether CREATE TABLE includes this part. */
export function isMadeWithTable(part: CatalogObject): boolean {
  return part.kind === 'column' || (part.kind === 'constraint' && !isForeignKey(part));
}

function creation(object: CatalogObject, expected: Catalog): FixStep[] {
  const { kind, table, facts } = object;
  const sql = createObject(object, expected);
  const unique = facts['unique'] === true;
  switch (kind) {
    case 'table':
      return step('tables', 'additive', locks.none, sql);
    case 'column':
      return stepsToAddColumn(object, sql);
    case 'constraint':
      return isForeignKey(object)
        ? step('keys', 'validating', locks.keyScan(table), sql)
        : step('checks', 'validating', locks.scan(table), sql);
    case 'index':
      return step('indexes', unique ? 'validating' : 'additive', locks.build(table), sql);
    case 'sequence':
      return sequenceSteps(object, expected, sql);
    case 'extension':
    case 'enum':
    case 'type':
      return step('types', 'additive', locks.none, sql);
    case 'function':
      return step('functions', 'additive', locks.none, sql);
    case 'view':
      return step('views', 'additive', locks.none, sql);
    case 'trigger':
    case 'policy':
    case 'rule':
      return step('rest', 'additive', locks.instant(table), sql);
  }
}

// Without known rows it would restart its numbers, which an operator must decide.
function sequenceSteps(object: CatalogObject, expected: Catalog, sql: string | undefined): FixStep[] {
  const numbering = numberingSteps(object, expected);
  const made = step('sequences', numbering.length === 0 ? 'manual' : 'additive', locks.none, sql);
  return [...made, ...ownSteps(object), ...numbering];
}

function ownSteps(sequence: CatalogObject): FixStep[] {
  const steps = step('alter', 'additive', locks.none, ownSequence(sequence));
  return steps.map((each) => ({
    ...each,
    order: { act: 'alter', object: needOf(sequence), needs: needsOf(sequence) },
  }));
}

function stepsToAddColumn({ table, facts }: CatalogObject, sql: string | undefined): FixStep[] {
  const { nullable, default: given, identity, generated } = facts;
  if (generated || identity) return step('columns', 'rewriting', locks.rewrite(table), sql);
  // Existing rows need a default.
  const needsValues = nullable === false && !given;
  return step('columns', needsValues ? 'validating' : 'additive', locks.instant(table), sql);
}

/** Steps that remove an extra object, or make it harmless for the service. */
export function stepsToRemove(code: Difference['code'], object: CatalogObject): FixStep[] {
  const { kind, table, name } = object;
  if (code === 'extra_not_null_column') {
    const sql = `${alterTable(object)} alter column ${quoteName(name)} drop not null`;
    return placed(step('alter', 'additive', locks.instant(table), sql), 'alter', object, null);
  }
  const locked = table ?? (kind === 'table' ? name : null);
  const steps = step('drop', 'destructive', locked === null ? locks.none : locks.instant(locked), dropObject(object));
  return placed(steps, 'alter', null, object);
}
