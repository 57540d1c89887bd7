import { type Catalog, type CatalogObject, needOf, needsOf } from '../catalog/objects.ts';

/** Both sides of a comparison, and the dependencies of the live one. */
export type FixContext = {
  expected: Catalog;
  live: Catalog;
  dependentsOf: (object: CatalogObject) => readonly CatalogObject[];
};

/** Computes the dependencies on first use. */
export function fixContext(expected: Catalog, live: Catalog): FixContext {
  let dependents: Map<string, CatalogObject[]> | undefined;
  const find = () => {
    const found = new Map<string, CatalogObject[]>();
    for (const object of live) {
      for (const need of needsOf(object)) {
        const known = found.get(need);
        if (known) known.push(object);
        else found.set(need, [object]);
      }
    }
    return found;
  };
  return { expected, live, dependentsOf: (object) => (dependents ??= find()).get(needOf(object)) ?? [] };
}
