import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { quoteName } from '../sql-text.ts';
import { alterTable, createObject, dropObject, isForeignKey, ownSequence } from './ddl.ts';
import type { Difference } from './diff.ts';

/**
 * What a fix does. `additive`: makes what is missing or loosens a rule; nothing can be lost. `validating`: puts a rule
 * over rows that are there and fails if one breaks it. `rewriting`: writes a whole table anew. `destructive`: removes
 * something or its contents. `manual`: needs a decision, or SQL that can't be told from the catalogue.
 */
export const fixClasses = ['additive', 'validating', 'rewriting', 'destructive', 'manual'] as const;
export type FixClass = (typeof fixClasses)[number];

// Types before the columns that have them, tables before the keys that point to them.
const phases = [
  'drop',
  'types',
  'sequences',
  'functions',
  'tables',
  'columns',
  'alter',
  'checks',
  'indexes',
  'keys',
  'views',
  'rest',
] as const;
type Phase = (typeof phases)[number];

/** One statement, without its semicolon; those of an earlier phase run before all of a later one. */
export type FixStep = { phase: Phase; sql: string; class: FixClass; locks: string };

/** Steps of several fixes in the order in which they can run together. */
export function sortSteps(steps: readonly FixStep[]): FixStep[] {
  return steps.toSorted((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
}

/** One step; none for a statement that can't be told. */
export function step(phase: Phase, fixClass: FixClass, locks: string, sql: string | undefined): FixStep[] {
  return sql === undefined ? [] : [{ phase, class: fixClass, locks, sql }];
}

/** What a statement keeps others from, in words. */
export const locks = {
  none: 'none',
  instant: (table: string | null) => `access exclusive on ${table}, for an instant`,
  scan: (table: string | null) => `access exclusive on ${table}, while its rows are checked`,
  rewrite: (table: string | null) => `access exclusive on ${table}, while it is written anew`,
  build: (table: string | null) => `share on ${table}: no writes while it is built`,
  keyScan: (table: string | null) =>
    `share row exclusive on ${table} and the table it points to, while its rows are checked`,
  triggers: (table: string | null) => `share row exclusive on ${table}, for an instant`,
  validate: (table: string | null) => `share update exclusive on ${table}: reads and writes go on`,
} as const;

/** What makes an object that is missing. */
export function stepsToMake(object: CatalogObject, expected: Catalog): FixStep[] {
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
      return [
        ...step('sequences', 'additive', locks.none, sql),
        ...step('alter', 'additive', locks.none, ownSequence(object)),
      ];
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

function stepsToAddColumn({ table, facts }: CatalogObject, sql: string | undefined): FixStep[] {
  const { nullable, default: given, identity, generated } = facts;
  if (generated || identity) return step('columns', 'rewriting', locks.rewrite(table), sql);
  // Without a default there is nothing to put into the rows that are there.
  const needsValues = nullable === false && !given;
  return step('columns', needsValues ? 'validating' : 'additive', locks.instant(table), sql);
}

/** What removes an object that is too many, or lets the service live with it. */
export function stepsToRemove(code: Difference['code'], object: CatalogObject): FixStep[] {
  const { kind, table, name } = object;
  if (code === 'extra_not_null_column') {
    const sql = `${alterTable(object)} alter column ${quoteName(name)} drop not null`;
    return step('alter', 'additive', locks.instant(table), sql);
  }
  const locked = table ?? (kind === 'table' ? name : null);
  return step('drop', 'destructive', locked === null ? locks.none : locks.instant(locked), dropObject(object));
}
