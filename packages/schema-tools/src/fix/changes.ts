import type { Catalog, CatalogObject } from '../catalog/objects.ts';
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
import { isOwnType } from '../diff/grade.ts';
import { type FixStep, locks, step } from './steps.ts';
import { identitySteps, numberingOf, setPastRows } from './numbering.ts';

/** What changes an object that is there into what it should be; empty where a person has to decide. */
export function stepsToChange(
  difference: Difference,
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { code } = difference;
  if (code.startsWith('renamed_')) return renameSteps(wanted, actual);
  if (wanted.kind === 'column' && code !== 'comment') return columnSteps(code, wanted, actual, expected);
  if (wanted.kind === 'table' && code !== 'comment') return tableSteps(code, wanted, actual, expected);
  return otherSteps(code, wanted, actual, expected);
}

function renameSteps(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const { kind, table, name } = wanted;
  const schema = textFact(actual, 'schema');
  // Who put it into another schema may use it there.
  if (schema !== undefined) {
    const sql = `alter ${sqlKind(actual)} ${quoteName(schema)}.${sqlName(actual)} set schema public`;
    return step('types', 'destructive', kind === 'table' ? locks.instant(name) : locks.none, sql);
  }
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

function columnSteps(
  code: Difference['code'],
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { table, name } = wanted;
  const column = `${alterTable(wanted)} alter column ${quoteName(name)}`;
  const given = textFact(wanted, 'default');
  switch (code) {
    case 'column_type':
      return step('alter', 'rewriting', locks.rewrite(table), changeType(wanted, actual));
    case 'column_nullable':
      return wanted.facts['nullable'] === true
        ? step('alter', 'additive', locks.instant(table), `${column} drop not null`)
        : step('checks', 'validating', locks.scan(table), `${column} set not null`);
    case 'column_default':
      return [
        ...step(
          'alter',
          'additive',
          locks.instant(table),
          given === undefined ? `${column} drop default` : `${column} set default ${given}`,
        ),
        ...nextNumberSteps(wanted, expected),
      ];
    case 'column_generated':
      return generationSteps(wanted, actual, expected);
    case 'column_identity':
      return changeIdentity(wanted, actual);
    case 'column_collation': {
      const type = `${textFact(wanted, 'type')} collate "${textFact(wanted, 'collation') ?? 'default'}"`;
      return step('alter', 'rewriting', locks.rewrite(table), `${column} type ${type}`);
    }
    default:
      return [];
  }
}

// While the default was away, rows may have got numbers that the sequence has still to give.
function nextNumberSteps(column: CatalogObject, expected: Catalog): FixStep[] {
  if (textFact(column, 'default')?.startsWith('nextval(') !== true) return [];
  const asked = listFact(column, 'needs');
  const sequences = expected.filter(({ kind, name }) => kind === 'sequence' && asked.includes(`sequence\t\t${name}`));
  return sequences.flatMap((sequence) =>
    step('rest', 'additive', locks.none, setPastRows(numberingOf(sequence, expected))),
  );
}

// What is computed can be dropped and made again; what was written by hand is lost with it.
function generationSteps(wanted: CatalogObject, actual: CatalogObject, expected: Catalog): FixStep[] {
  const [isWanted, isThere] = [textFact(wanted, 'generated'), textFact(actual, 'generated')];
  const column = `${alterTable(wanted)} alter column ${quoteName(wanted.name)}`;
  if (isWanted === undefined) {
    return isThere?.startsWith('stored') === true
      ? step('alter', 'additive', locks.instant(wanted.table), `${column} drop expression`)
      : [];
  }
  return [
    ...step(
      'drop',
      isThere === undefined ? 'destructive' : 'rewriting',
      locks.instant(wanted.table),
      dropObject(actual),
    ),
    ...step('columns', 'rewriting', locks.rewrite(wanted.table), createObject(wanted, expected)),
    ...finishingSteps(wanted, expected),
  ];
}

function changeIdentity(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  const [identity, there] = [textFact(wanted, 'identity'), textFact(actual, 'identity')];
  const { table, name } = wanted;
  const column = `${alterTable(wanted)} alter column ${quoteName(name)}`;
  if (identity === undefined) {
    const given = textFact(wanted, 'default');
    return [
      ...step('alter', 'additive', locks.instant(table), `${column} drop identity`),
      ...(wanted.facts['nullable'] === true
        ? step('alter', 'additive', locks.instant(table), `${column} drop not null`)
        : []),
      ...(given === undefined
        ? []
        : step('columns', 'additive', locks.instant(table), `${column} set default ${given}`)),
    ].map((each) => (each.sql.includes(' set default ') ? { ...each, phase: 'checks' as const } : each));
  }
  const [, kind = '', options = '', storage] =
    /^(always|by default) \((.*)\)(?: ((?:un)?logged))?$/.exec(identity) ?? [];
  const sequence = textFact(there === undefined ? wanted : actual, 'identitySequence');
  const logged = storage ?? (/ (?:un)?logged$/.test(there ?? '') ? 'logged' : undefined);
  const isLogged =
    logged === undefined || sequence === undefined
      ? []
      : step('rest', 'additive', locks.none, `alter sequence ${sequence} set ${logged}`);
  if (there === undefined) {
    const before = [
      ...(actual.facts['default'] ? [`${column} drop default`] : []),
      ...(actual.facts['nullable'] === true ? [`${column} set not null`] : []),
    ].map((sql) => sql.slice(alterTable(wanted).length));
    const sql = `${alterTable(wanted)}${[...before, ` alter column ${quoteName(name)} add generated ${kind} as identity (${options})`].join(',')}`;
    const isChecked = actual.facts['nullable'] === true;
    return [
      ...step('alter', isChecked ? 'validating' : 'additive', locks.instant(table), sql),
      ...identitySteps(wanted),
      ...isLogged,
    ];
  }
  const set = whole(options).replaceAll(/(?<=^| )(start|increment|minvalue|maxvalue|cache|cycle|no )/g, (word) =>
    word === 'no ' ? word : `set ${word}`,
  );
  return [
    ...step(
      'alter',
      'additive',
      locks.instant(table),
      `${column} set generated ${kind} ${set.replaceAll('no set ', 'set no ')}`,
    ),
    ...isLogged,
  ];
}

// All options of a sequence: those that go without saying have to be said where they were others before.
function whole(options: string): string {
  const has = (word: string) => new RegExp(`(^| )${word}( |$)`).test(options);
  return [
    options,
    ...(has('minvalue') ? [] : ['no minvalue']),
    ...(has('maxvalue') ? [] : ['no maxvalue']),
    ...(has('cycle') ? [] : ['no cycle']),
  ].join(' ');
}

/**
 * ALTER TYPE for a column, its default with it. Without USING PostgreSQL refuses values that don't fit; a cast written
 * out would cut them off silently, so it stands only where no other way leads, from text to a type of one's own.
 */
export function changeType(wanted: CatalogObject, actual: CatalogObject, using?: string): string {
  const [column, type] = [quoteName(wanted.name), textFact(wanted, 'type') ?? ''];
  const given = textFact(wanted, 'default');
  const isText = /^(text|character)/.test(textFact(actual, 'type') ?? '');
  // From one type of one's own to another there is no way but by their texts.
  const byText = isOwnType(textFact(actual, 'type') ?? '') && isOwnType(type) ? `${column}::text::${type}` : undefined;
  const cast =
    using ??
    byText ??
    (isText && !/^(text|character( varying)?)(\(\d+\))?$/.test(type) ? `${column}::${type}` : undefined);
  return [
    alterTable(wanted),
    actual.facts['default'] ? ` alter column ${column} drop default,` : '',
    ` alter column ${column} type ${type}`,
    cast === undefined ? '' : ` using ${cast}`,
    given === undefined ? '' : `, alter column ${column} set default ${given}`,
  ].join('');
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
      // ALL means other triggers too.
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
    ...step('alter', 'additive', locks.none, `${sequence} as ${type} ${whole(rest)} owned by ${owner}`),
    ...(textFact(actual, 'storage') !== textFact(wanted, 'storage')
      ? step('rest', 'additive', locks.none, `${sequence} set ${storage}`)
      : []),
  ];
}

// Options, defaults and contents can be changed in place; another query needs another view.
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

// OR REPLACE keeps what a function returns and how its arguments are called.
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
