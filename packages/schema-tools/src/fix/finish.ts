import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../text/sql-text.ts';
import { alterTable, sqlKind, sqlName } from './ddl.ts';
import { listFact, textFact } from '../diff/diff.ts';
import { type FixStep, locks, step } from './steps.ts';

/** What must follow CREATE: comments, firing modes, defaults of views. */
export function finishingSteps(object: CatalogObject, expected: Catalog): FixStep[] {
  const { kind, name, facts } = object;
  return [
    ...(textFact(object, 'comment') === undefined ? [] : commentSteps(object)),
    ...(textFact(object, 'fires') === undefined ? [] : firingSteps(object)),
    ...(kind === 'view' ? [...viewDefaultSteps(object, null), ...columnCommentSteps(object, null)] : []),
    ...(kind === 'table' && facts['rowSecurity'] ? rowSecuritySteps(object) : []),
    ...(kind === 'table' ? inheritSteps(object, null) : []),
    ...(kind === 'table'
      ? expected.filter((part) => part.table === name && hasComment(part)).flatMap(commentSteps)
      : []),
  ];
}

function hasComment(part: CatalogObject): boolean {
  return (part.kind === 'column' || part.kind === 'constraint') && textFact(part, 'comment') !== undefined;
}

export function commentSteps(wanted: CatalogObject): FixStep[] {
  const text = textFact(wanted, 'comment');
  const target = `comment on ${commentTarget(wanted)} is ${text === undefined ? 'null' : quoteText(text)}`;
  return step('rest', 'additive', locks.none, target);
}

function commentTarget(object: CatalogObject): string {
  const { kind, table, name } = object;
  switch (kind) {
    case 'column':
      return `column ${quoteName(table ?? '')}.${quoteName(name)}`;
    case 'constraint':
    case 'trigger':
    case 'policy':
    case 'rule':
      return `${kind} ${quoteName(name)} on ${quoteName(table ?? '')}`;
    default:
      return `${sqlKind(object)} ${sqlName(object)}`;
  }
}

const firing: { readonly [fires in string]?: string } = {
  never: 'disable',
  'on replicas': 'enable replica',
  always: 'enable always',
};

export function firingSteps(wanted: CatalogObject): FixStep[] {
  const { kind, table, name } = wanted;
  const how = firing[textFact(wanted, 'fires') ?? ''] ?? 'enable';
  return step('rest', 'additive', locks.triggers(table), `${alterTable(wanted)} ${how} ${kind} ${quoteName(name)}`);
}

export function rowSecuritySteps({ name, facts }: CatalogObject): FixStep[] {
  const force = facts['rowSecurity'] === 'forced' ? 'force' : 'no force';
  const enable = facts['rowSecurity'] ? 'enable' : 'disable';
  const sql = `alter table ${quoteName(name)} ${enable} row level security, ${force} row level security`;
  return step('rest', 'additive', locks.instant(name), sql);
}

export function inheritSteps(wanted: CatalogObject, actual: CatalogObject | null): FixStep[] {
  const [parents, there] = [listFact(wanted, 'inherits'), listFact(actual, 'inherits')];
  const table = `alter table ${quoteName(wanted.name)}`;
  return [
    ...there.filter((parent) => !parents.includes(parent)).map((parent) => `${table} no inherit ${parent}`),
    ...parents.filter((parent) => !there.includes(parent)).map((parent) => `${table} inherit ${parent}`),
  ].flatMap((sql) => step('alter', 'additive', locks.instant(wanted.name), sql));
}

export function viewDefaultSteps(wanted: CatalogObject, actual: CatalogObject | null): FixStep[] {
  const [given, there] = [byColumn(listFact(wanted, 'defaults')), byColumn(listFact(actual, 'defaults'))];
  const column = (name: string) => `alter view ${quoteName(wanted.name)} alter column ${name}`;
  return [
    ...[...there.keys()].filter((name) => !given.has(name)).map((name) => `${column(name)} drop default`),
    ...[...given]
      .filter(([name, text]) => there.get(name) !== text)
      .map(([name, text]) => `${column(name)} set default ${text}`),
  ].flatMap((sql) => step('rest', 'additive', locks.instant(wanted.name), sql));
}

export function columnCommentSteps(wanted: CatalogObject, actual: CatalogObject | null): FixStep[] {
  const [given, there] = [byColumn(listFact(wanted, 'columnComments')), byColumn(listFact(actual, 'columnComments'))];
  const column = (name: string) => `comment on column ${quoteName(wanted.name)}.${name}`;
  return [
    ...[...there.keys()].filter((name) => !given.has(name)).map((name) => `${column(name)} is null`),
    ...[...given]
      .filter(([name, text]) => there.get(name) !== text)
      .map(([name, text]) => `${column(name)} is ${quoteText(text)}`),
  ].flatMap((sql) => step('rest', 'additive', locks.none, sql));
}

// Each entry is a column's quoted name and a text.
function byColumn(list: readonly string[]): Map<string, string> {
  return new Map(
    list.map((entry) => {
      const [, name = '', text = ''] = /^("(?:[^"]|"")*"|\S+) (.*)$/s.exec(entry) ?? [];
      return [name, text] as const;
    }),
  );
}
