import { type CatalogObject, needOf, needsOf, tableOfNeed } from '../catalog/objects.ts';

/**
 * `additive`: creates what is missing or loosens a rule; nothing can be lost. `validating`: adds a rule, and fails when
 * rows break it. `rewriting`: rewrites a table. `destructive`: removes something or its data. `manual`: needs a
 * decision, or SQL that the catalogue does not provide.
 */
export const fixClasses = ['additive', 'validating', 'rewriting', 'destructive', 'manual'] as const;
export type FixClass = (typeof fixClasses)[number];

// Types before columns that use them, tables before keys that refer to them.
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

/** What a step does to which object, and what that needs then. */
export type StepOrder = {
  act: 'drop' | 'rename' | 'make' | 'alter';
  object: string;
  needs: readonly string[];
  /** The object under its live name, and its dependencies there. */
  from?: string;
  used?: readonly string[];
};

/** One statement, without semicolon. */
export type FixStep = { phase: Phase; sql: string; class: FixClass; locks: string; order?: StepOrder };

/** Sorts steps by phase only, for callers that place them themselves. */
export function sortSteps(steps: readonly FixStep[]): FixStep[] {
  return steps.toSorted((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
}

export function rankOf({ phase }: FixStep): number {
  return phases.indexOf(phase);
}

/** No step for an undefined statement. */
export function step(phase: Phase, fixClass: FixClass, locks: string, sql: string | undefined): FixStep[] {
  return sql === undefined ? [] : [{ phase, class: fixClass, locks, sql }];
}

/** Adds the order: steps of the phase `drop` remove `actual`, others result in `expected`. */
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

// A sequence needs its owner only for its end; at creation the owner needs the sequence.
function lifelines(object: CatalogObject): string[] {
  const table = tableOfNeed(needOf(object));
  const needs = object.kind === 'sequence' ? [] : needsOf(object);
  return table === undefined ? [...needs] : [table, ...needs];
}

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
