import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../text/sql-text.ts';
import { describeColumn } from '../diff/describe.ts';
import { listFact, textFact } from '../diff/diff.ts';

export function alterTable({ table, name }: Pick<CatalogObject, 'table' | 'name'>): string {
  return `alter table ${quoteName(table ?? name)}`;
}

export function columnDdl(column: CatalogObject): string {
  return `${quoteName(column.name)} ${describeColumn(column)}`;
}

/** `create table` with columns, keys and checks, without foreign keys, whose tables may come later. */
export function createTable(table: CatalogObject, expected: Catalog): string {
  const own = expected.filter((object) => object.table === table.name);
  const parts = [
    ...own.filter(({ kind }) => kind === 'column').map(columnDdl),
    ...own.filter((object) => object.kind === 'constraint' && !isForeignKey(object)).map(constraintDdl),
  ];
  const unlogged = textFact(table, 'storage') === 'unlogged' ? 'unlogged ' : '';
  const partition = textFact(table, 'partitionKey');
  const tail = partition === undefined ? '' : ` partition by ${partition}`;
  return `create ${unlogged}table ${quoteName(table.name)} (\n  ${parts.join(',\n  ')}\n)${tail}`;
}

export function isForeignKey(object: CatalogObject | null): boolean {
  return object?.kind === 'constraint' && textFact(object, 'type') === 'foreign key';
}

export function constraintDdl(constraint: CatalogObject): string {
  return `constraint ${quoteName(constraint.name)} ${textFact(constraint, 'definition')}`;
}

export function addConstraint(constraint: CatalogObject): string {
  const valid = constraint.facts['notValid'] === true ? ' not valid' : '';
  return `${alterTable(constraint)} add ${constraintDdl(constraint)}${valid}`;
}

export function dropConstraint(constraint: CatalogObject): string {
  return `${alterTable(constraint)} drop constraint ${quoteName(constraint.name)}`;
}

export function createIndex(index: CatalogObject): string {
  const unique = index.facts['unique'] === true ? 'unique ' : '';
  return `create ${unique}index ${quoteName(index.name)} on ${quoteName(index.table ?? '')} using ${textFact(index, 'definition')}`;
}

export function createSequence(sequence: CatalogObject): string {
  const [, type = 'bigint', rest = ''] = /^(\S+) (.*)$/.exec(textFact(sequence, 'definition') ?? '') ?? [];
  const unlogged = textFact(sequence, 'storage') === 'unlogged' ? 'unlogged ' : '';
  return `create ${unlogged}sequence ${quoteName(sequence.name)} as ${type} ${rest}`;
}

export function ownSequence(sequence: CatalogObject): string | undefined {
  const [table, column] = textFact(sequence, 'ownedBy')?.split('.') ?? [];
  if (table === undefined || column === undefined) return undefined;
  return `alter sequence ${quoteName(sequence.name)} owned by ${quoteName(table)}.${quoteName(column)}`;
}

export function createEnum({ name, facts }: CatalogObject): string {
  const labels = Array.isArray(facts['labels']) ? facts['labels'] : [];
  return `create type ${quoteName(name)} as enum (${labels.map(quoteText).join(', ')})`;
}

/** The statement that creates an object; undefined for kinds whose facts do not suffice. */
export function createObject(object: CatalogObject, expected: Catalog): string | undefined {
  const definition = textFact(object, 'definition') ?? '';
  switch (object.kind) {
    case 'extension':
      return `create extension ${quoteName(object.name)}`;
    case 'enum':
      return createEnum(object);
    case 'sequence':
      return createSequence(object);
    case 'table':
      return createTable(object, expected);
    case 'column':
      return `${alterTable(object)} add column ${columnDdl(object)}`;
    case 'constraint':
      return addConstraint(object);
    case 'index':
      return createIndex(object);
    case 'view':
      return createView(object);
    case 'trigger':
    case 'function':
      return definition;
    case 'rule':
      return definition.replace(/;$/, '');
    case 'policy':
      return `create policy ${quoteName(object.name)} on ${quoteName(object.table ?? '')} ${definition}`;
    case 'type':
      return createType(object);
  }
}

function createView(view: CatalogObject): string {
  const definition = textFact(view, 'definition') ?? '';
  if (definition.startsWith(materialized)) {
    const unfilled = view.facts['unfilled'] === true ? ' with no data' : '';
    return `create materialized view ${quoteName(view.name)} as ${definition.slice(materialized.length)}${unfilled}`;
  }
  const options = listFact(view, 'options');
  const withOptions = options.length === 0 ? '' : ` with (${options.join(', ')})`;
  return `create view ${quoteName(view.name)}${withOptions} as ${definition}`;
}

const materialized = 'materialized: ';

export function isMaterialized(view: CatalogObject): boolean {
  return textFact(view, 'definition')?.startsWith(materialized) === true;
}

function createType(type: CatalogObject): string {
  const definition = textFact(type, 'definition') ?? '';
  const name = quoteName(type.name);
  if (!isDomain(type)) return `create type ${name} as ${definition.replace(/^composite /, '')}`;
  const checks = listFact(type, 'checks').map((check) => ` constraint ${check}`);
  const given = textFact(type, 'default');
  return [
    `create domain ${name} as ${definition.slice('domain '.length)}`,
    given === undefined ? '' : ` default ${given}`,
    type.facts['notNull'] === true ? ' not null' : '',
    ...checks,
  ].join('');
}

export function isDomain(type: CatalogObject): boolean {
  return textFact(type, 'definition')?.startsWith('domain ') === true;
}

export function sqlKind(object: CatalogObject): string {
  switch (object.kind) {
    case 'enum':
      return 'type';
    case 'type':
      return isDomain(object) ? 'domain' : 'type';
    case 'view':
      return isMaterialized(object) ? 'materialized view' : 'view';
    case 'function':
      // Covers functions, procedures and aggregates.
      return 'routine';
    default:
      return object.kind;
  }
}

/** The name in ALTER, DROP and COMMENT; a function's includes its argument types. */
export function sqlName({ kind, name }: Pick<CatalogObject, 'kind' | 'name'>): string {
  return kind === 'function' ? name : quoteName(name);
}

export function dropObject(object: CatalogObject): string {
  const { kind, table, name } = object;
  if (kind === 'column' || kind === 'constraint') return `${alterTable(object)} drop ${kind} ${quoteName(name)}`;
  const isPart = kind === 'trigger' || kind === 'policy' || kind === 'rule';
  return `drop ${sqlKind(object)} ${sqlName(object)}${isPart ? ` on ${quoteName(table ?? '')}` : ''}`;
}
