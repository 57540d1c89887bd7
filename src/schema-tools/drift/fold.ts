import type { CatalogObject, ObjectKind } from '../catalog/objects.ts';
import { nameOf, tokenize } from '../sql-text.ts';
import { type Difference, textFact } from './diff.ts';

/**
 * Puts differences that are but a part or a consequence of another under that one, so that each cause is told once:
 * what belongs to a missing or extra table, what PostgreSQL drops along with a dropped column, type, key or function,
 * what comes with an added column, and texts that changed only because a type did.
 * @param byDrop whether to count on objects having been dropped by hand: an index that is missing together with its column
 *   went with it. Where things were never made, each is told by itself.
 */
export function foldDifferences(differences: readonly Difference[], byDrop: boolean): Difference[] {
  const uniques = pairUniques(differences);
  const rules = byDrop ? [...always, ...whenDropped] : always;
  const hosts = new Map<Difference, Difference>();
  for (const each of uniques) {
    const host = rules.map((rule) => uniques.find((other) => other !== each && rule(other, each))).find(Boolean);
    if (host) hosts.set(each, host);
  }
  const folded = new Map<Difference, Difference[]>();
  for (const [each, host] of hosts) {
    const root = rootOf(host, hosts);
    if (root !== each) folded.set(root, [...(folded.get(root) ?? []), each]);
  }
  const hidden = new Set([...folded.values()].flat());
  return uniques
    .filter((each) => !hidden.has(each))
    .map((each) => ({ ...each, folded: [...each.folded, ...(folded.get(each) ?? [])] }));
}

function rootOf(difference: Difference, hosts: Map<Difference, Difference>): Difference {
  const seen = new Set<Difference>();
  let root = difference;
  for (let host = hosts.get(root); host && !seen.has(host); host = hosts.get(root)) {
    seen.add(root);
    root = host;
  }
  return root;
}

/** Whether `host` brings `part` about. */
type Rule = (host: Difference, part: Difference) => boolean;

const objectOf = ({ expected, actual }: Difference): CatalogObject | null => expected ?? actual;
const isMissing = ({ expected, actual }: Difference) => expected !== null && actual === null;
const isExtra = ({ expected, actual }: Difference) => expected === null && actual !== null;
const sameSide = (host: Difference, part: Difference) =>
  (isMissing(host) && isMissing(part)) || (isExtra(host) && isExtra(part));
const kindOf = (difference: Difference): ObjectKind | undefined => objectOf(difference)?.kind;

const always: readonly Rule[] = [
  // A table's parts come and go with it, and so do keys of other tables that point to it.
  (host, part) =>
    kindOf(host) === 'table' &&
    sameSide(host, part) &&
    (objectOf(part)?.table === objectOf(host)?.name || references(objectOf(part), objectOf(host)?.name)),
  // A serial column's sequence.
  (host, part) =>
    kindOf(part) === 'sequence' && sameSide(host, part) && isOwner(objectOf(host), textFact(objectOf(part), 'ownedBy')),
  // Becoming an identity or ceasing to be one takes or leaves a sequence.
  (host, part) =>
    host.code === 'column_identity' &&
    kindOf(part) === 'sequence' &&
    isOwner(host.expected, textFact(objectOf(part), 'ownedBy')),
  // Keys and indexes of a column that was added by hand.
  (host, part) => isExtra(host) && kindOf(host) === 'column' && isExtra(part) && dependsOn(part, host),
  // Texts with a cast more or less, because a column's type changed.
  (host, part) =>
    host.code === 'column_type' &&
    part.facts.includes('definition') &&
    mentions(textFact(part.expected, 'definition'), host.expected?.name) &&
    withoutCasts(textFact(part.expected, 'definition')) === withoutCasts(textFact(part.actual, 'definition')),
  // An enum under another name, or with other labels, in which a default was written.
  (host, part) =>
    kindOf(host) === 'enum' &&
    part.code === 'column_default' &&
    textFact(part.expected, 'type') === host.expected?.name &&
    withoutCasts(textFact(part.expected, 'default')) === withoutCasts(textFact(part.actual, 'default')),
];

const whenDropped: readonly Rule[] = [
  // DROP COLUMN takes its indexes, keys, checks, triggers and policies, and with CASCADE the views.
  (host, part) => isMissing(host) && kindOf(host) === 'column' && isMissing(part) && dependsOn(part, host),
  // DROP TYPE CASCADE takes the columns of that type.
  (host, part) =>
    isMissing(host) &&
    (kindOf(host) === 'enum' || kindOf(host) === 'type') &&
    isMissing(part) &&
    kindOf(part) === 'column' &&
    typeName(textFact(part.expected, 'type')) === host.expected?.name,
  // DROP SEQUENCE CASCADE takes the defaults that ask it.
  (host, part) =>
    isMissing(host) &&
    kindOf(host) === 'sequence' &&
    part.code === 'column_default' &&
    mentions(textFact(part.expected, 'default')?.replaceAll("'", ' '), host.expected?.name),
  // DROP FUNCTION CASCADE takes the triggers that call it, DROP VIEW and DROP TABLE CASCADE the views that read them.
  (host, part) =>
    isMissing(host) &&
    isMissing(part) &&
    ((kindOf(host) === 'function' && kindOf(part) === 'trigger') ||
      ((kindOf(host) === 'view' || kindOf(host) === 'table') && kindOf(part) === 'view')) &&
    mentions(textFact(part.expected, 'definition'), host.expected?.name.replace(/\(.*$/, '')),
  // DROP CONSTRAINT CASCADE of a key takes the foreign keys that point to it.
  (host, part) =>
    isMissing(host) &&
    kindOf(host) === 'constraint' &&
    /^(primary key|unique)$/.test(textFact(host.expected, 'type') ?? '') &&
    isMissing(part) &&
    references(part.expected, host.expected?.table ?? undefined),
];

function references(object: CatalogObject | null, table: string | undefined): boolean {
  if (!table || object?.kind !== 'constraint' || textFact(object, 'type') !== 'foreign key') return false;
  const target = /REFERENCES (.+?)\(/.exec(textFact(object, 'definition') ?? '')?.[1];
  return mentions(target, table);
}

function isOwner(object: CatalogObject | null, ownedBy: string | undefined): boolean {
  return object?.kind === 'column' && ownedBy === `${object.table}.${object.name}`;
}

function dependsOn(part: Difference, column: Difference): boolean {
  const [object, owner] = [objectOf(part), objectOf(column)];
  if (!object || !owner || !['constraint', 'index', 'trigger', 'policy', 'view'].includes(object.kind)) return false;
  const definition = textFact(object, 'definition');
  if (object.table !== owner.table && !mentions(definition, owner.table ?? undefined)) return false;
  return mentions(definition, owner.name);
}

/** Whether SQL names something: as an identifier, not inside a string. */
function mentions(sql: string | undefined, name: string | undefined): boolean {
  if (sql === undefined || name === undefined) return false;
  return tokenize(sql).some((token) => (token.type === 'word' || token.type === 'quoted') && nameOf(token) === name);
}

function typeName(type: string | undefined): string | undefined {
  return type?.replace(/(\[\]|\(.*\))$/, '');
}

function withoutCasts(sql: string | undefined): string | undefined {
  return sql
    ?.replaceAll(/::("[^"]+"|[a-z_][\w ]*?)(\(\d+(,\d+)?\))?(\[\])?(?=[^\w ]|$| [A-Z<>=!])/g, '')
    .replaceAll(/[()\s]/g, '');
}

// The same uniqueness, kept by an index here and by a constraint there, works the same for every statement but one that
// names the constraint.
function pairUniques(differences: readonly Difference[]): Difference[] {
  const used = new Set<Difference>();
  const paired = differences.flatMap((lost) => {
    const key = isMissing(lost) ? uniqueColumns(lost.expected) : undefined;
    if (key === undefined) return [];
    const found = differences.find(
      (other) =>
        isExtra(other) && !used.has(other) && kindOf(other) !== kindOf(lost) && uniqueColumns(other.actual) === key,
    );
    if (!found) return [];
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
