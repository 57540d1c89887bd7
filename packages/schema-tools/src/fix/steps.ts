import { type CatalogObject, needOf, needsOf, tableOfNeed } from '../catalog/objects.ts';

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
export type Phase = (typeof phases)[number];

/** Where a step stands to the others: what it does to which object, and which objects that one needs then. */
export type StepOrder = {
  act: 'drop' | 'rename' | 'make' | 'alter';
  object: string;
  needs: readonly string[];
  /** The object under its live name, and what it needed there. */
  from?: string;
  used?: readonly string[];
};

/** One statement, without its semicolon. */
export type FixStep = { phase: Phase; sql: string; class: FixClass; locks: string; order?: StepOrder };

/** Steps of several fixes by their phases alone, for those who put them into places of their own. */
export function sortSteps(steps: readonly FixStep[]): FixStep[] {
  return steps.toSorted((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
}

/** The phase's place among the phases. */
export function rankOf({ phase }: FixStep): number {
  return phases.indexOf(phase);
}

/** One step; none for a statement that can't be told. */
export function step(phase: Phase, fixClass: FixClass, locks: string, sql: string | undefined): FixStep[] {
  return sql === undefined ? [] : [{ phase, class: fixClass, locks, sql }];
}

/** The steps with their place in the order: those of the phase `drop` remove `actual`, the others end with `expected`. */
export function placed(
  steps: readonly FixStep[],
  act: Exclude<StepOrder['act'], 'drop'>,
  expected: CatalogObject | null,
  actual: CatalogObject | null,
): FixStep[] {
  return steps.map((each) => {
    if (each.order) return each;
    if (each.phase === 'drop' && actual) {
      return { ...each, order: { act: 'drop', object: needOf(actual), needs: lifelines(actual) } };
    }
    const object = expected ?? actual;
    if (!object) return each;
    const needs = lifelines(object);
    const live = actual && act !== 'make' ? { from: needOf(actual), used: needsOf(actual) } : {};
    return { ...each, order: { act, object: needOf(object), needs, ...live } };
  });
}

// A sequence needs its owner for its end alone; what is made asks for the sequence first.
function lifelines(object: CatalogObject): string[] {
  const table = tableOfNeed(needOf(object));
  const needs = object.kind === 'sequence' ? [] : needsOf(object);
  return table === undefined ? [...needs] : [table, ...needs];
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
