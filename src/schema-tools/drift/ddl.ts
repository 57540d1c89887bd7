import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { describeColumn } from './describe.ts';
import { textFact } from './diff.ts';

/** `alter table t`, with the table's name quoted where it has to be. */
export function alterTable({ table, name }: Pick<CatalogObject, 'table' | 'name'>): string {
  return `alter table ${quoteName(table ?? name)}`;
}

/** A column as it stands in CREATE TABLE. */
export function columnDdl(column: CatalogObject): string {
  return `${quoteName(column.name)} ${describeColumn(column)}`;
}

/** `create table` with its columns and all its keys and checks but the foreign ones, which may point to tables that come later. */
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

/** A key or check as it stands in CREATE TABLE or after ADD. */
export function constraintDdl(constraint: CatalogObject): string {
  return `constraint ${quoteName(constraint.name)} ${textFact(constraint, 'definition')}`;
}

export function addConstraint(constraint: CatalogObject): string {
  return `${alterTable(constraint)} add ${constraintDdl(constraint)}`;
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
  return `create sequence ${quoteName(sequence.name)} as ${type} ${rest}`;
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

/** The statement that makes an object again; undefined for kinds whose text doesn't say all of it. */
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
      return `create ${definition.startsWith('materialized: ') ? 'materialized ' : ''}view ${quoteName(object.name)} as ${definition.replace(/^materialized: /, '')}`;
    case 'trigger':
    case 'function':
      return definition;
    case 'rule':
      return definition.replace(/;$/, '');
    case 'policy':
      return `create policy ${quoteName(object.name)} on ${quoteName(object.table ?? '')} ${definition}`;
    case 'type':
      return definition.startsWith('domain ')
        ? `create domain ${quoteName(object.name)} as ${definition.slice(7)}`
        : undefined;
  }
}

/** The statement that removes an object. */
export function dropObject({ kind, table, name, facts }: CatalogObject): string {
  const target = quoteName(name);
  const on = table === null ? '' : ` on ${quoteName(table)}`;
  switch (kind) {
    case 'column':
      return `${alterTable({ table, name })} drop column ${target}`;
    case 'constraint':
      return `${alterTable({ table, name })} drop constraint ${target}`;
    case 'trigger':
    case 'policy':
    case 'rule':
      return `drop ${kind} ${target}${on}`;
    case 'enum':
      return `drop type ${target}`;
    case 'type':
      return `drop ${String(facts['definition']).startsWith('domain ') ? 'domain' : 'type'} ${target}`;
    case 'view':
      return `drop ${String(facts['definition']).startsWith('materialized: ') ? 'materialized ' : ''}view ${target}`;
    case 'function':
      return `drop function ${name}`;
    case 'extension':
    case 'sequence':
    case 'table':
    case 'index':
      return `drop ${kind} ${target}`;
  }
}
