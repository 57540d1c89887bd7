import type { CatalogObject, Fact } from '../catalog/objects.ts';
import { quoteText } from '../text/sql-text.ts';
import type { Difference } from './diff.ts';

/** An object in SQL's terms, for example `integer not null default 0` or `unique btree (a, b)`. */
export function describeObject(object: CatalogObject): string {
  const { kind, facts } = object;
  switch (kind) {
    case 'column':
      return describeColumn(object);
    case 'enum':
      return `enum ${describeFact('labels', facts['labels'])}`;
    case 'index':
      return `${facts['unique'] ? 'unique ' : ''}${textOf(facts['definition'])}`;
    case 'sequence':
      return `sequence ${textOf(facts['definition'])}`;
    case 'table':
      return facts['storage'] ? `${textOf(facts['storage'])} table` : 'table';
    case 'extension':
      return 'extension';
    case 'type':
    case 'constraint':
    case 'function':
    case 'view':
    case 'trigger':
    case 'policy':
    case 'rule':
      return textOf(facts['definition']);
  }
}

/** A column's definition after its name. */
export function describeColumn({ facts }: CatalogObject): string {
  const { type, nullable, default: given, generated, identity, collation } = facts;
  return [
    textOf(type),
    collation ? `collate "${textOf(collation)}"` : '',
    nullable === false ? 'not null' : '',
    typeof given === 'string' ? `default ${given}` : '',
    typeof generated === 'string'
      ? `generated always as (${generated.replace(/^\w+: /, '')}) ${generated.split(':')[0]}`
      : '',
    typeof identity === 'string' ? `generated ${identityDdl(identity)}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

// Persistence of the sequence is not part of a column's definition.
function identityDdl(identity: string): string {
  return identity.replace(/ (?:un)?logged$/, '').replace(' (', ' as identity (');
}

/** One side of a difference in words; null where the object does not exist. */
export function describeSide(difference: Difference, side: 'expected' | 'actual'): string | null {
  const object = difference[side];
  if (object === null) return null;
  if (difference.facts.length === 0) {
    const other = difference[side === 'expected' ? 'actual' : 'expected'];
    return other === null || other.kind !== object.kind ? describeObject(object) : object.name;
  }
  if (object.kind === 'index' && difference.code === 'index_def') return describeObject(object);
  return difference.facts.map((fact) => describeFact(fact, object.facts[fact])).join('; ');
}

const usual: { readonly [fact: string]: string } = {
  storage: 'permanent',
  rowSecurity: 'disabled',
  foreignKeys: 'enforced',
  notValid: 'validated',
  invalid: 'valid',
  fires: 'always but on replicas',
  default: 'no default',
  generated: 'not generated',
  identity: 'no identity',
  collation: 'default collation',
  partitionKey: 'not partitioned',
  inherits: 'inherits nothing',
  options: 'no options',
  defaults: 'no defaults',
  columnComments: 'no comments of columns',
  checks: 'no checks',
  notNull: 'may be null',
  unfilled: 'filled',
  schema: 'in its schema',
  comment: 'no comment',
  ownedBy: 'owned by no column',
};

function describeFact(fact: string, value: Fact | undefined): string {
  if (value === undefined || value === null) return usual[fact] ?? 'none';
  if (fact === 'nullable') return value === true ? 'nullable' : 'not null';
  if (fact === 'notValid') return 'not validated';
  if (fact === 'invalid') return 'invalid';
  if (fact === 'notNull') return 'not null';
  if (fact === 'unfilled') return 'not filled';
  if (fact === 'schema') return `in the schema ${String(value)}`;
  if (Array.isArray(value)) return `(${value.map(quoteText).join(', ')})`;
  return fact === 'ownedBy' ? `owned by ${value}` : String(value);
}

function textOf(value: Fact | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}
