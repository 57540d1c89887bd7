import { type Catalog, type CatalogObject, needOf, tableOfNeed } from '../catalog/objects.ts';
import { quoteName } from '../text/sql-text.ts';
import {
  addConstraint,
  alterTable,
  createObject,
  dropConstraint,
  dropObject,
  isDomain,
  isForeignKey,
  isMaterialized,
  sqlKind,
  sqlName,
} from './ddl.ts';
import { type Difference, listFact, textFact } from '../diff/diff.ts';
import { columnSteps } from './column-changes.ts';
import { domainSteps, enumSteps } from './types.ts';
import {
  columnCommentSteps,
  commentSteps,
  finishingSteps,
  firingSteps,
  inheritSteps,
  rowSecuritySteps,
  viewDefaultSteps,
} from './finish.ts';
import { bareName } from '../diff/renames.ts';
import { type FixStep, locks, step } from './steps.ts';
import { allOptions } from './numbering.ts';

/** Steps that change an existing object into the expected one; empty where an operator must decide. */
export function stepsToChange(
  difference: Difference,
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { code } = difference;
  if (code.startsWith('renamed_'))
    return difference.isTaken ? exchangeSteps(wanted, actual) : renameSteps(wanted, actual);
  if (wanted.kind === 'column' && code !== 'comment') return columnSteps(code, wanted, actual, expected);
  if (wanted.kind === 'table' && code !== 'comment') return tableSteps(code, wanted, actual, expected);
  return otherSteps(code, wanted, actual, expected);
}

function renameSteps(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const { kind, name } = wanted;
  const schema = textFact(actual, 'schema');
  // Another program may use it in its new schema.
  if (schema !== undefined) {
    const sql = `alter ${sqlKind(actual)} ${quoteName(schema)}.${sqlName(actual)} set schema public`;
    return step('types', 'destructive', kind === 'table' ? locks.instant(name) : locks.none, sql);
  }
  return renameStep(wanted, actual);
}

function renameStep(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const { kind, table } = wanted;
  const to = quoteName(bareName(wanted));
  if (kind === 'column' || kind === 'constraint') {
    const sql = `${alterTable(wanted)} rename ${kind} ${quoteName(actual.name)} to ${to}`;
    return step('types', 'additive', locks.instant(table), sql);
  }
  const isPart = kind === 'trigger' || kind === 'policy' || kind === 'rule';
  const on = isPart ? ` on ${quoteName(table ?? '')}` : '';
  const sql = `alter ${sqlKind(actual)} ${sqlName(actual)}${on} rename to ${to}`;
  return step('types', 'additive', kind === 'table' ? locks.instant(actual.name) : locks.none, sql);
}

const longestName = 63;

// By a name that is nobody's: each name is free before the other object gets it.
function exchangeSteps(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const between = { ...wanted, name: `exchanged ${wanted.name}`.slice(0, longestName) };
  const table = tableOfNeed(needOf(wanted));
  const own = table === undefined ? [] : [table];
  const away = { act: 'rename' as const, object: needOf(between), needs: own, from: needOf(actual) };
  const back = { act: 'rename' as const, object: needOf(wanted), needs: [needOf(between), ...own] };
  return [
    ...renameStep(between, actual).map((each) => ({ ...each, order: away })),
    ...renameStep(wanted, between).map((each) => ({ ...each, order: back })),
  ];
}

function tableSteps(
  code: Difference['code'],
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { name, facts } = wanted;
  const table = `alter table ${quoteName(name)}`;
  switch (code) {
    case 'table_storage':
      return facts['storage'] === 'foreign'
        ? []
        : step('alter', 'rewriting', locks.rewrite(name), `${table} set ${textFact(wanted, 'storage') ?? 'logged'}`);
    case 'row_security':
      return rowSecuritySteps(wanted);
    case 'table_inheritance':
      return inheritSteps(wanted, actual);
    case 'foreign_keys_off':
      // ALL would include other triggers.
      return [
        ...step('checks', 'additive', locks.triggers(name), `${table} enable trigger all`),
        ...expected
          .filter((each) => each.kind === 'trigger' && each.table === name && textFact(each, 'fires') !== undefined)
          .flatMap(firingSteps),
      ];
    default:
      return [];
  }
}

function otherSteps(
  code: Difference['code'],
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { kind, table, name } = wanted;
  const unique = wanted.facts['unique'] === true;
  const made = createObject(wanted, expected);
  const dropped = step('drop', unique ? 'validating' : 'additive', locks.instant(table ?? name), dropObject(actual));
  switch (code) {
    case 'enum_values':
      return enumSteps(wanted, actual);
    case 'index_invalid':
      if (kind !== 'index')
        return step('indexes', 'validating', locks.build(table), `reindex index ${quoteName(name)}`);
      return [
        ...dropped,
        ...step('indexes', unique ? 'validating' : 'additive', locks.build(table), made),
        ...finishingSteps(wanted, expected),
      ];
    case 'index_def':
      return [
        ...dropped,
        ...step('indexes', unique ? 'validating' : 'additive', locks.build(table), made),
        ...finishingSteps(wanted, expected),
      ];
    case 'unique_kind':
      return [...dropped, ...step(kind === 'index' ? 'indexes' : 'checks', 'validating', locks.build(table), made)];
    case 'constraint_def':
      return [
        ...step('drop', 'validating', locks.instant(table), dropConstraint(actual)),
        ...step(isForeignKey(wanted) ? 'keys' : 'checks', 'validating', locks.scan(table), addConstraint(wanted)),
        ...finishingSteps(wanted, expected),
      ];
    case 'constraint_not_valid':
      return step(
        'keys',
        'validating',
        locks.validate(table),
        `${alterTable(wanted)} validate constraint ${quoteName(name)}`,
      );
    case 'sequence_def':
      return sequenceSteps(wanted, actual);
    case 'trigger_disabled':
      return firingSteps(wanted);
    case 'view_def':
      return viewSteps(wanted, actual, expected);
    case 'trigger_def':
    case 'policy_def':
      return [
        ...step('drop', 'destructive', locks.instant(table), dropObject(actual)),
        ...step('rest', 'destructive', locks.instant(table), made),
        ...finishingSteps(wanted, expected),
      ];
    case 'rule_def':
      if (textFact(wanted, 'definition') === textFact(actual, 'definition')) return firingSteps(wanted);
      return [
        ...step('drop', 'destructive', locks.instant(table), dropObject(actual)),
        ...step('rest', 'destructive', locks.instant(table), made),
        ...finishingSteps(wanted, expected),
      ];
    case 'function_def':
      return functionSteps(wanted, actual, expected);
    case 'type_def':
      return isDomain(wanted) && isDomain(actual) ? domainSteps(wanted, actual) : typeSteps(wanted, actual, expected);
    case 'comment':
      return kind === 'view' ? [...commentSteps(wanted), ...columnCommentSteps(wanted, actual)] : commentSteps(wanted);
    default:
      return [];
  }
}

function sequenceSteps(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const [, type = '', rest = ''] = /^(\S+) (.*)$/.exec(textFact(wanted, 'definition') ?? '') ?? [];
  const owner = textFact(wanted, 'ownedBy')?.split('.').map(quoteName).join('.') ?? 'none';
  const sequence = `alter sequence ${quoteName(wanted.name)}`;
  const storage = textFact(wanted, 'storage') ?? (textFact(actual, 'storage') === 'logged' ? 'unlogged' : 'logged');
  return [
    ...step('alter', 'additive', locks.none, `${sequence} as ${type} ${allOptions(rest)} owned by ${owner}`),
    ...(textFact(actual, 'storage') !== textFact(wanted, 'storage')
      ? step('rest', 'additive', locks.none, `${sequence} set ${storage}`)
      : []),
  ];
}

// Options, defaults and contents can be changed in place; another query needs a new view.
function viewSteps(wanted: CatalogObject, actual: CatalogObject, expected: Catalog): FixStep[] {
  if (textFact(wanted, 'definition') !== textFact(actual, 'definition')) {
    return [
      ...step('drop', 'destructive', locks.instant(wanted.name), dropObject(actual)),
      ...step('views', 'destructive', locks.none, createObject(wanted, expected)),
      ...finishingSteps(wanted, expected),
    ];
  }
  const [options, there] = [listFact(wanted, 'options'), listFact(actual, 'options')];
  const named = new Set(options.map((option) => option.split('=')[0]));
  const lost = there.map((option) => option.split('=')[0] ?? '').filter((name) => !named.has(name));
  const fresh = options.filter((option) => !there.includes(option));
  const view = `alter view ${quoteName(wanted.name)}`;
  return [
    ...(lost.length === 0
      ? []
      : step('rest', 'additive', locks.instant(wanted.name), `${view} reset (${lost.join(', ')})`)),
    ...(fresh.length === 0
      ? []
      : step('rest', 'additive', locks.instant(wanted.name), `${view} set (${fresh.join(', ')})`)),
    ...(isMaterialized(wanted) && actual.facts['unfilled'] === true
      ? step('rest', 'additive', locks.instant(wanted.name), `refresh materialized view ${quoteName(wanted.name)}`)
      : []),
    ...(isMaterialized(wanted) ? [] : viewDefaultSteps(wanted, actual)),
  ];
}

// OR REPLACE keeps return type and argument names.
function functionSteps(wanted: CatalogObject, actual: CatalogObject, expected: Catalog): FixStep[] {
  const made = createObject(wanted, expected);
  if (textFact(wanted, 'signature') === textFact(actual, 'signature')) {
    return step('functions', 'destructive', locks.none, made);
  }
  return [
    ...step('drop', 'destructive', locks.none, dropObject(actual)),
    ...step('functions', 'destructive', locks.none, made),
    ...finishingSteps(wanted, expected),
  ];
}

function typeSteps(wanted: CatalogObject, actual: CatalogObject, expected: Catalog): FixStep[] {
  return [
    ...step('drop', 'destructive', locks.none, dropObject(actual)),
    ...step('types', 'destructive', locks.none, createObject(wanted, expected)),
    ...finishingSteps(wanted, expected),
  ];
}
