import { type Catalog, type CatalogObject, needOf, needsOf, tableOfNeed } from '../catalog/objects.ts';
import { type DriftCode, type Severity, severities } from './codes.ts';
import { type Difference, textFact } from './diff.ts';

/** The severity of a difference: the worst of it and its consequences. */
export function gradeDifference(difference: Difference, expected: Catalog): Severity {
  if (difference.code === 'extra_table') return gradeStranger(difference, expected);
  const grades = [gradeAlone(difference), ...difference.folded.map((part) => gradeDifference(part, expected))];
  return severities.find((severity) => grades.includes(severity)) ?? 'info';
}

// A table unknown to the model is harmless unless it affects the model's: rows of a child table appear in its parent,
// and a foreign key can refuse deletes.
function gradeStranger({ actual, folded }: Difference, expected: Catalog): Severity {
  const ours = new Set(expected.filter(({ kind }) => kind === 'table').map(needOf));
  if (needsOf(actual).some((need) => ours.has(need))) return 'critical';
  const keys = folded.filter((part) => textFact(part.actual, 'type') === 'foreign key');
  const reaches = keys.some((part) => needsOf(part.actual).some((need) => ours.has(tableOfNeed(need) ?? '')));
  return reaches ? 'warning' : 'info';
}

const fixed: { readonly [code in DriftCode]?: Severity } = {
  missing_table: 'critical',
  renamed_table: 'critical',
  partition_key: 'warning',
  table_inheritance: 'warning',
  foreign_keys_off: 'critical',
  missing_column: 'critical',
  extra_column: 'info',
  extra_not_null_column: 'critical',
  renamed_column: 'critical',
  column_not_null_not_valid: 'warning',
  // Inserts name every column, so a default matters to other programs only.
  column_default: 'warning',
  column_generated: 'critical',
  column_identity: 'critical',
  column_collation: 'warning',
  missing_enum: 'warning',
  extra_enum: 'info',
  renamed_enum: 'warning',
  missing_type: 'critical',
  extra_type: 'info',
  type_def: 'warning',
  renamed_index: 'info',
  unique_kind: 'info',
  renamed_constraint: 'info',
  constraint_not_valid: 'warning',
  missing_sequence: 'critical',
  extra_sequence: 'info',
  renamed_sequence: 'critical',
  sequence_def: 'warning',
  missing_view: 'critical',
  extra_view: 'info',
  view_def: 'warning',
  renamed_type: 'warning',
  renamed_view: 'critical',
  renamed_trigger: 'info',
  renamed_function: 'critical',
  renamed_policy: 'info',
  renamed_rule: 'info',
  missing_trigger: 'warning',
  extra_trigger: 'warning',
  trigger_def: 'warning',
  trigger_disabled: 'warning',
  missing_function: 'critical',
  extra_function: 'info',
  function_def: 'warning',
  missing_policy: 'warning',
  extra_policy: 'warning',
  policy_def: 'warning',
  missing_rule: 'warning',
  missing_extension: 'critical',
  extra_extension: 'info',
  comment: 'info',
};

function gradeAlone({ code, expected, actual }: Difference): Severity {
  switch (code) {
    case 'table_storage':
      // An unlogged table loses its rows in a crash.
      return textFact(actual, 'storage') === undefined ? 'info' : 'critical';
    case 'row_security':
      // Forced row security applies to the service itself.
      return textFact(actual, 'rowSecurity') === 'forced' ? 'critical' : 'warning';
    case 'column_nullable':
      // The service sends NULL where the model allows it.
      return actual?.facts['nullable'] === false ? 'critical' : 'warning';
    case 'column_type':
      return gradeType(textFact(expected, 'type') ?? '', textFact(actual, 'type') ?? '');
    case 'enum_values':
      return gradeLabels(expected?.facts['labels'], actual?.facts['labels']);
    case 'missing_index':
      return isUnique(expected) ? 'critical' : 'warning';
    case 'extra_index':
      // It may refuse rows that the model allows.
      return isUnique(actual) ? 'warning' : 'info';
    case 'index_def':
    case 'index_invalid':
      return isUnique(expected) ? 'critical' : 'warning';
    case 'missing_constraint':
      return isUnique(expected) ? 'critical' : 'warning';
    case 'constraint_def':
      return isUnique(expected) ? 'critical' : 'warning';
    case 'extra_constraint':
      return 'warning';
    case 'extra_rule':
    case 'rule_def':
      // DO INSTEAD discards writes.
      return actual?.facts['instead'] === true ? 'critical' : 'warning';
    default:
      return fixed[code] ?? 'warning';
  }
}

// Without it duplicates are possible, and ON CONFLICT fails.
function isUnique(object: CatalogObject | null): boolean {
  const type = textFact(object, 'type');
  return object?.facts['unique'] === true || type === 'primary key' || type === 'unique';
}

// Missing labels refuse values, extra ones may be read, and the order affects sorting.
function gradeLabels(expected: unknown, actual: unknown): Severity {
  const there = Array.isArray(actual) ? actual : [];
  const wanted = Array.isArray(expected) ? expected : [];
  return wanted.every((label) => there.includes(label)) ? 'warning' : 'critical';
}

const families: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['real', 'double precision'],
  ['character varying', 'text'],
  ['character', 'character varying', 'text'],
];

/** Critical when the live type refuses or changes values of the model's. */
function gradeType(expected: string, actual: string): Severity {
  const [wanted, live] = [parseType(expected), parseType(actual)];
  if (wanted.name === live.name) return holds(live, wanted) ? 'warning' : 'critical';
  const family = families.find((names) => names.includes(wanted.name) && names.includes(live.name));
  if (family)
    return family.indexOf(live.name) > family.indexOf(wanted.name) && holds(live, wanted) ? 'warning' : 'critical';
  const isText = live.name === 'text' || live.name === 'character varying';
  if (isText && isOwnType(wanted.name)) return 'warning';
  return /^jsonb?$/.test(wanted.name) && /^jsonb?$/.test(live.name) ? 'warning' : 'critical';
}

type TypeText = { name: string; sizes: number[] };

function parseType(text: string): TypeText {
  const [, head = text, sizes = '', tail = ''] = /^(.*?)\((\d+(?:,-?\d+)?)\)(.*)$/.exec(text) ?? [];
  return { name: `${head}${tail}`, sizes: sizes === '' ? [] : sizes.split(',').map(Number) };
}

// Without a size a type holds all values.
function holds(live: TypeText, wanted: TypeText): boolean {
  if (live.sizes.length === 0) return true;
  if (wanted.sizes.length === 0) return false;
  const [size = 0, scale = 0] = live.sizes;
  const [wantedSize = 0, wantedScale = 0] = wanted.sizes;
  return scale >= wantedScale && size - scale >= wantedSize - wantedScale;
}

/** Whether a type is user-defined, such as an enum: built-in ones have these spellings. */
export function isOwnType(type: string): boolean {
  return !/^(bigint|bit|boolean|box|bytea|character|cidr|circle|date|double|inet|integer|interval|jsonb?|line|lseg|macaddr|money|numeric|path|point|polygon|real|smallint|text|time|timestamp|uuid|xml)\b/.test(
    type,
  );
}
