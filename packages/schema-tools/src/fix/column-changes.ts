import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { type Difference, listFact, textFact } from '../diff/diff.ts';
import { isOwnType } from '../diff/grade.ts';
import { quoteName } from '../text/sql-text.ts';
import { alterTable, createObject, dropObject } from './ddl.ts';
import { finishingSteps } from './finish.ts';
import { allOptions, identitySteps, numberingOf, setPastRows } from './numbering.ts';
import { type FixStep, locks, step } from './steps.ts';

/** What changes a column that is there into what it should be; empty where a person has to decide. */
export function columnSteps(
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

// While the default was missing, rows may have received numbers that the sequence would repeat.
function nextNumberSteps(column: CatalogObject, expected: Catalog): FixStep[] {
  if (textFact(column, 'default')?.startsWith('nextval(') !== true) return [];
  const asked = listFact(column, 'needs');
  const sequences = expected.filter(({ kind, name }) => kind === 'sequence' && asked.includes(`sequence\t\t${name}`));
  return sequences.flatMap((sequence) =>
    step('rest', 'additive', locks.none, setPastRows(numberingOf(sequence, expected))),
  );
}

// Computed values can be recomputed; written ones would be lost.
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
  const set = allOptions(options).replaceAll(/(?<=^| )(start|increment|minvalue|maxvalue|cache|cycle|no )/g, (word) =>
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

/**
 * ALTER TYPE of a column, with its default. Without USING, PostgreSQL refuses values that do not fit, where an explicit
 * cast would truncate them; so a cast is used only from text to a user-defined type.
 */
export function changeType(wanted: CatalogObject, actual: CatalogObject, using?: string): string {
  const [column, type] = [quoteName(wanted.name), textFact(wanted, 'type') ?? ''];
  const given = textFact(wanted, 'default');
  const isText = /^(text|character)/.test(textFact(actual, 'type') ?? '');
  // Between two user-defined types only text works.
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
