import { titleOf } from '../catalog/objects.ts';
import type { DriftCode, Severity } from './codes.ts';
import { describeSide } from './describe.ts';
import { type Difference, textFact } from './diff.ts';

const nouns: { readonly [kind in string]?: string } = { enum: 'enum type', constraint: 'constraint', policy: 'policy' };

/** One sentence: what differs, and its effect. */
export function messageOf(difference: Difference, severity: Severity): string {
  const sentence = sentenceOf(difference, severity);
  const along = difference.folded
    .filter(({ expected, actual }) => isWorthTelling(difference, (expected ?? actual)?.kind))
    .map(({ expected, actual }) => (expected ?? actual)?.name);
  const verb = difference.actual === null ? 'went' : 'comes';
  return along.length === 0 ? sentence : `${sentence} With it ${verb} ${along.join(', ')}.`;
}

// Parts of a table are not listed.
function isWorthTelling({ expected, actual }: Difference, kind: string | undefined): boolean {
  return (expected ?? actual)?.kind !== 'table' || kind === 'view';
}

function sentenceOf(difference: Difference, severity: Severity): string {
  const { code, expected, actual } = difference;
  const object = expected ?? actual;
  const noun = nouns[object?.kind ?? ''] ?? object?.kind ?? 'object';
  const title = object ? titleOf(object) : '';
  const wanted = describeSide(difference, 'expected');
  const found = describeSide(difference, 'actual');
  const effect = effects[code]?.[severity] ?? effects[code]?.any;
  const tail = effect === undefined ? '' : `: ${effect}`;
  if (code.startsWith('missing_')) return `The ${noun} ${title} is missing${tail}.`;
  if (code.startsWith('extra_')) return `The ${noun} ${title} is not in the model${tail}.`;
  const schema = textFact(actual, 'schema');
  if (schema !== undefined && code.startsWith('renamed_'))
    return `The ${noun} ${title} is in the schema ${schema} here${tail}.`;
  if (code.startsWith('renamed_') && difference.isTaken)
    return `The ${noun} ${title} is called ${actual?.name} here, and another one has its name${tail}.`;
  if (code.startsWith('renamed_')) return `The ${noun} ${title} is called ${actual?.name} here${tail}.`;
  if (code === 'unique_kind')
    return `${title} is kept by ${actual?.kind === 'index' ? 'an index' : 'a constraint'}, in the model by ${expected?.kind === 'index' ? 'an index' : 'a constraint'}.`;
  return `The ${noun} ${title}: ${aspects[code] ?? ''}expected ${wanted}, found ${found}${tail}.`;
}

// The aspect that differs, where the two texts do not show it.
const aspects: { readonly [code in DriftCode]?: string } = {
  comment: 'comment ',
  row_security: 'row security ',
  table_storage: 'storage ',
  foreign_keys_off: 'foreign keys ',
  column_default: 'default ',
  column_collation: 'collation ',
  enum_values: 'labels ',
  trigger_disabled: 'fires ',
};

type Effects = { readonly [severity in Severity | 'any']?: string };

// The effect on the service or on others, to follow a colon.
const effects: { readonly [code in DriftCode]?: Effects } = {
  missing_table: { any: 'every statement on it fails' },
  renamed_table: { any: 'every statement on it fails' },
  extra_table: {
    critical: 'its rows appear in every read of the table that it inherits from',
    warning: 'its key keeps rows that it points to from being deleted',
  },
  table_storage: { critical: 'a crash empties it' },
  row_security: { critical: 'it hides rows from the service and refuses its writes', warning: 'it may hide rows' },
  foreign_keys_off: { any: 'rows that point nowhere get in' },
  missing_column: { any: 'statements that read or write it fail' },
  renamed_column: { any: 'statements that read or write it fail' },
  extra_not_null_column: { any: 'it has no default, so every insert fails' },
  extra_column: { any: 'the service leaves it empty' },
  column_type: { critical: 'values are refused or changed', warning: 'it holds what the service writes' },
  column_nullable: { critical: 'inserts that leave it empty fail', warning: 'rows without a value get in' },
  column_default: { any: 'the service names every value, other programs may not' },
  column_generated: { any: 'what is written there is refused, or what is read there was never computed' },
  column_identity: { any: 'ids are refused, or not given' },
  missing_enum: { critical: 'the columns of this type are gone', warning: 'no present column uses it' },
  enum_values: {
    critical: 'values of the model are refused',
    warning: 'values may be read that the service does not know, or they sort otherwise',
  },
  missing_index: {
    critical: 'duplicates get in, and upserts fail',
    warning: 'queries that need it read the whole table',
  },
  extra_index: { warning: 'it may refuse rows', info: 'it costs writes a little' },
  index_def: { critical: 'duplicates may get in, and upserts may fail', warning: 'queries that need it read more' },
  index_invalid: { critical: 'duplicates may get in', warning: 'writes keep it up and no query uses it' },
  missing_constraint: { critical: 'duplicates get in, and upserts fail', warning: 'rows that break it get in' },
  extra_constraint: { any: 'it may refuse rows' },
  constraint_not_valid: { any: 'rows from before may break it' },
  missing_sequence: { any: 'statements that ask it fail' },
  missing_extension: { any: 'what it brings is not there' },
  extra_trigger: { any: 'it may change or refuse what is written' },
  extra_rule: { critical: 'it replaces what the service writes', warning: 'it adds to what statements do' },
};
