import type { Catalog, CatalogObject } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { addConstraint, alterTable, createObject, dropConstraint, dropObject, isForeignKey } from './ddl.ts';
import { type Difference, textFact } from './diff.ts';
import { type FixStep, locks, step } from './fix-steps.ts';

/** What changes an object that is there into what it should be; empty where a person has to decide. */
export function stepsToChange(
  difference: Difference,
  wanted: CatalogObject,
  actual: CatalogObject,
  expected: Catalog,
): FixStep[] {
  const { code } = difference;
  if (code.startsWith('renamed_')) return renameSteps(wanted, actual);
  if (wanted.kind === 'column' && code !== 'comment') return columnSteps(code, wanted, actual);
  if (wanted.kind === 'table' && code !== 'comment') return tableSteps(code, wanted);
  return otherSteps(code, wanted, actual, expected);
}

function renameSteps({ kind, table, name }: CatalogObject, actual: CatalogObject): FixStep[] {
  const [from, to] = [quoteName(actual.name), quoteName(name)];
  switch (kind) {
    case 'table':
      return step('types', 'additive', locks.instant(actual.name), `alter table ${from} rename to ${to}`);
    case 'column':
    case 'constraint':
      return step(
        'types',
        'additive',
        locks.instant(table),
        `${alterTable({ table, name })} rename ${kind} ${from} to ${to}`,
      );
    case 'enum':
      return step('types', 'additive', locks.none, `alter type ${from} rename to ${to}`);
    default:
      return step('types', 'additive', locks.none, `alter ${kind} ${from} rename to ${to}`);
  }
}

function columnSteps(code: Difference['code'], wanted: CatalogObject, actual: CatalogObject): FixStep[] {
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
      return step(
        'alter',
        'additive',
        locks.instant(table),
        given === undefined ? `${column} drop default` : `${column} set default ${given}`,
      );
    case 'column_collation': {
      const type = `${textFact(wanted, 'type')} collate "${textFact(wanted, 'collation') ?? 'default'}"`;
      return step('alter', 'rewriting', locks.rewrite(table), `${column} type ${type}`);
    }
    default:
      return [];
  }
}

/**
 * ALTER TYPE for a column, its default with it. Without USING PostgreSQL refuses values that don't fit; a cast written
 * out would cut them off silently, so it stands only where no other way leads, from text to a type of one's own.
 */
export function changeType(wanted: CatalogObject, actual: CatalogObject, using?: string): string {
  const [column, type] = [quoteName(wanted.name), textFact(wanted, 'type') ?? ''];
  const given = textFact(wanted, 'default');
  const isText = /^(text|character)/.test(textFact(actual, 'type') ?? '');
  const cast = using ?? (isText && !/^(text|character)/.test(type) ? `${column}::${type}` : undefined);
  return [
    alterTable(wanted),
    actual.facts['default'] ? ` alter column ${column} drop default,` : '',
    ` alter column ${column} type ${type}`,
    cast === undefined ? '' : ` using ${cast}`,
    given === undefined ? '' : `, alter column ${column} set default ${given}`,
  ].join('');
}

function tableSteps(code: Difference['code'], wanted: CatalogObject): FixStep[] {
  const { name, facts } = wanted;
  const table = `alter table ${quoteName(name)}`;
  switch (code) {
    case 'table_storage':
      return facts['storage'] === 'foreign'
        ? []
        : step('alter', 'rewriting', locks.rewrite(name), `${table} set ${textFact(wanted, 'storage') ?? 'logged'}`);
    case 'row_security': {
      const force = facts['rowSecurity'] === 'forced' ? 'force' : 'no force';
      const enable = facts['rowSecurity'] ? 'enable' : 'disable';
      return step(
        'rest',
        'additive',
        locks.instant(name),
        `${table} ${enable} row level security, ${force} row level security`,
      );
    }
    case 'foreign_keys_off':
      return step('rest', 'additive', locks.triggers(name), `${table} enable trigger all`);
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
      return [...dropped, ...step('indexes', unique ? 'validating' : 'additive', locks.build(table), made)];
    case 'index_def':
      return [...dropped, ...step('indexes', unique ? 'validating' : 'additive', locks.build(table), made)];
    case 'unique_kind':
      return [...dropped, ...step(kind === 'index' ? 'indexes' : 'checks', 'validating', locks.build(table), made)];
    case 'constraint_def':
      return [
        ...step('drop', 'validating', locks.instant(table), dropConstraint(actual)),
        ...step(isForeignKey(wanted) ? 'keys' : 'checks', 'validating', locks.scan(table), addConstraint(wanted)),
      ];
    case 'constraint_not_valid':
      return step(
        'keys',
        'validating',
        locks.validate(table),
        `${alterTable(wanted)} validate constraint ${quoteName(name)}`,
      );
    case 'sequence_def':
      return sequenceSteps(wanted);
    case 'trigger_disabled':
      return step('rest', 'additive', locks.triggers(table), `${alterTable(wanted)} enable trigger ${quoteName(name)}`);
    case 'view_def':
      return [
        ...step('drop', 'destructive', locks.instant(name), dropObject(actual)),
        ...step('views', 'destructive', locks.none, made),
      ];
    case 'trigger_def':
    case 'policy_def':
    case 'rule_def':
      return [
        ...step('drop', 'destructive', locks.instant(table), dropObject(actual)),
        ...step('rest', 'destructive', locks.instant(table), made),
      ];
    case 'function_def':
      return step('functions', 'destructive', locks.none, made);
    case 'comment':
      return commentSteps(wanted);
    default:
      return [];
  }
}

function sequenceSteps(wanted: CatalogObject): FixStep[] {
  const [, type = '', rest = ''] = /^(\S+) (.*)$/.exec(textFact(wanted, 'definition') ?? '') ?? [];
  const owner = textFact(wanted, 'ownedBy')?.split('.').map(quoteName).join('.') ?? 'none';
  const cycle = rest.endsWith(' cycle') ? '' : ' no cycle';
  return step(
    'alter',
    'additive',
    locks.none,
    `alter sequence ${quoteName(wanted.name)} as ${type} ${rest}${cycle} owned by ${owner}`,
  );
}

// Labels can be added in their places; one that is too many can't be taken away while rows may hold it.
function enumSteps({ name, facts }: CatalogObject, actual: CatalogObject): FixStep[] {
  const wanted = Array.isArray(facts['labels']) ? facts['labels'] : [];
  const there = Array.isArray(actual.facts['labels']) ? actual.facts['labels'] : [];
  return wanted.flatMap((label, index) => {
    if (there.includes(label)) return [];
    const next = wanted.slice(index + 1).find((other) => there.includes(other));
    const place = next === undefined ? '' : ` before ${quoteText(next)}`;
    const sql = `alter type ${quoteName(name)} add value ${quoteText(label)}${place}`;
    return step('types', 'additive', locks.none, sql);
  });
}

function commentSteps(wanted: CatalogObject): FixStep[] {
  const { kind, table, name } = wanted;
  const text = textFact(wanted, 'comment');
  const target = `comment on ${commentTarget(kind, table, name)} is ${text === undefined ? 'null' : quoteText(text)}`;
  return step('rest', 'additive', locks.none, target);
}

function commentTarget(kind: CatalogObject['kind'], table: string | null, name: string): string {
  switch (kind) {
    case 'column':
      return `column ${quoteName(table ?? '')}.${quoteName(name)}`;
    case 'constraint':
    case 'trigger':
      return `${kind} ${quoteName(name)} on ${quoteName(table ?? '')}`;
    case 'enum':
      return `type ${quoteName(name)}`;
    case 'function':
      return `function ${name}`;
    default:
      return `${kind} ${quoteName(name)}`;
  }
}
