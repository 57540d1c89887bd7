import type { CatalogObject } from '../catalog/objects.ts';
import { type Difference, textFact } from './diff.ts';

/**
 * Merges a missing and an extra uniqueness of equal columns: an index and a constraint differ only for statements that
 * name the constraint.
 */
export function pairUniques(differences: readonly Difference[]): Difference[] {
  const extras = new Map<string, Difference>();
  for (const each of differences) {
    const key = each.expected === null ? uniqueColumns(each.actual) : undefined;
    if (key !== undefined) extras.set(`${each.actual?.kind} ${key}`, each);
  }
  const used = new Set<Difference>();
  const paired = differences.flatMap((lost) => {
    const key = lost.actual === null ? uniqueColumns(lost.expected) : undefined;
    const other = lost.expected?.kind === 'index' ? 'constraint' : 'index';
    const found = key === undefined ? undefined : extras.get(`${other} ${key}`);
    if (!found || used.has(found)) return [];
    used.add(lost).add(found);
    return [{ code: 'unique_kind' as const, expected: lost.expected, actual: found.actual, facts: [], folded: [] }];
  });
  return [...differences.filter((each) => !used.has(each)), ...paired];
}

function uniqueColumns(object: CatalogObject | null): string | undefined {
  const definition = textFact(object, 'definition');
  if (definition === undefined || object === null) return undefined;
  if (object.kind === 'index' && object.facts['unique'] === true) {
    return `${object.table} ${definition.replace(/^btree /, '')}`;
  }
  if (object.kind === 'constraint' && object.facts['type'] === 'unique') {
    return `${object.table} ${definition.replace(/^UNIQUE (NULLS NOT DISTINCT )?(.*)$/, (_, nulls: string = '', rest) => `${rest}${nulls && ' NULLS NOT DISTINCT'}`)}`;
  }
  return undefined;
}
