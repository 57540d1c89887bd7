import { type CatalogObject, keyOf, needOf, needsOf, type ObjectKind } from '../catalog/objects.ts';
import { alterTable, dropObject } from './ddl.ts';
import { type Difference, textFact } from '../diff/diff.ts';
import type { FixContext } from './context.ts';
import { stepsToMake } from './make.ts';
import { type FixStep, locks, placed, step } from './steps.ts';
import { quoteName } from '../text/sql-text.ts';

// Objects that make ALTER TYPE fail; it rebuilds indexes and keys itself.
const blockTypes: ReadonlySet<ObjectKind> = new Set(['view', 'rule', 'policy', 'trigger']);
const remade: ReadonlySet<ObjectKind> = new Set([
  'view',
  'rule',
  'policy',
  'trigger',
  'constraint',
  'index',
  'function',
]);

/**
 * Dependents (views, keys, triggers and the like) that must be dropped before an object is recreated or a column's type
 * changed, and recreated afterwards. Undefined where a dependent holds data, so that an operator must decide.
 */
export function stepsAround(
  { code }: Difference,
  own: readonly FixStep[],
  actual: CatalogObject,
  context: FixContext,
): FixStep[] | undefined {
  const isRetyped = code === 'column_type' || code === 'column_collation';
  if (own.length === 0 || !(isRetyped || own.some(({ phase }) => phase === 'drop'))) return [];
  const seen = new Map<string, CatalogObject>();
  const waiting = [actual];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const dependent of context.dependentsOf(next)) {
      if (seen.has(keyOf(dependent)) || needOf(dependent) === needOf(actual)) continue;
      if (isRetyped && next === actual && !blockTypes.has(dependent.kind) && !isGenerated(dependent)) continue;
      if (next.kind === 'column' && dependent.kind === 'sequence') continue;
      seen.set(keyOf(dependent), dependent);
      waiting.push(dependent);
    }
  }
  const steps = [...seen.values()].map((dependent) => aside(dependent, context));
  return steps.includes(undefined) ? undefined : steps.flatMap((each) => each ?? []);
}

function isGenerated(object: CatalogObject): boolean {
  return object.kind === 'column' && textFact(object, 'generated') !== undefined;
}

function aside(dependent: CatalogObject, { expected }: FixContext): FixStep[] | undefined {
  const wanted = expected.find((object) => keyOf(object) === keyOf(dependent)) ?? dependent;
  if (dependent.kind === 'column') return columnAside(dependent, wanted);
  if (!remade.has(dependent.kind)) return undefined;
  const isKey = dependent.kind === 'constraint' || dependent.kind === 'index';
  const dropped = step(
    'drop',
    isKey ? 'validating' : 'destructive',
    locks.instant(dependent.table ?? dependent.name),
    dropObject(dependent),
  );
  return [...placed(dropped, 'make', wanted, dependent), ...stepsToMake(wanted, expected)];
}

// A generated column has no data of its own, and a default can be restored.
function columnAside(dependent: CatalogObject, wanted: CatalogObject): FixStep[] | undefined {
  const given = textFact(wanted, 'default');
  if (isGenerated(dependent) && isGenerated(wanted)) {
    const dropped = step('drop', 'rewriting', locks.instant(dependent.table), dropObject(dependent));
    return [...placed(dropped, 'make', wanted, dependent), ...stepsToMake(wanted, [])];
  }
  const column = `${alterTable(dependent)} alter column ${quoteName(dependent.name)}`;
  if (given === undefined || !needsOf(wanted).some((need) => /^(function|sequence)\t/.test(need))) return undefined;
  const dropped = step('drop', 'additive', locks.instant(dependent.table), `${column} drop default`);
  const set = step('alter', 'additive', locks.instant(dependent.table), `${column} set default ${given}`);
  return placed([...dropped, ...set], 'alter', wanted, dependent);
}
