import type { ObjectKind } from '../catalog/objects.ts';
import type { DriftCode } from './codes.ts';

type Words = {
  missing: DriftCode;
  extra: DriftCode;
  renamed?: DriftCode;
  /** The code for each fact that is compared. */
  facts: { readonly [fact: string]: DriftCode };
};

export const vocabulary: Readonly<Record<ObjectKind, Words>> = {
  extension: { missing: 'missing_extension', extra: 'extra_extension', facts: {} },
  enum: {
    missing: 'missing_enum',
    extra: 'extra_enum',
    renamed: 'renamed_enum',
    facts: { schema: 'renamed_enum', labels: 'enum_values', comment: 'comment' },
  },
  type: {
    missing: 'missing_type',
    extra: 'extra_type',
    renamed: 'renamed_type',
    facts: {
      schema: 'renamed_type',
      definition: 'type_def',
      notNull: 'type_def',
      default: 'type_def',
      checks: 'type_def',
      comment: 'comment',
    },
  },
  sequence: {
    missing: 'missing_sequence',
    extra: 'extra_sequence',
    renamed: 'renamed_sequence',
    facts: {
      schema: 'renamed_sequence',
      definition: 'sequence_def',
      storage: 'sequence_def',
      ownedBy: 'sequence_def',
      comment: 'comment',
    },
  },
  function: {
    missing: 'missing_function',
    extra: 'extra_function',
    renamed: 'renamed_function',
    facts: { schema: 'renamed_function', definition: 'function_def', comment: 'comment' },
  },
  table: {
    missing: 'missing_table',
    extra: 'extra_table',
    renamed: 'renamed_table',
    facts: {
      schema: 'renamed_table',
      storage: 'table_storage',
      rowSecurity: 'row_security',
      partitionKey: 'partition_key',
      inherits: 'table_inheritance',
      foreignKeys: 'foreign_keys_off',
      comment: 'comment',
    },
  },
  column: {
    missing: 'missing_column',
    extra: 'extra_column',
    renamed: 'renamed_column',
    facts: {
      generated: 'column_generated',
      identity: 'column_identity',
      type: 'column_type',
      nullable: 'column_nullable',
      notValid: 'column_not_null_not_valid',
      default: 'column_default',
      collation: 'column_collation',
      comment: 'comment',
    },
  },
  constraint: {
    missing: 'missing_constraint',
    extra: 'extra_constraint',
    renamed: 'renamed_constraint',
    facts: {
      type: 'constraint_def',
      definition: 'constraint_def',
      notValid: 'constraint_not_valid',
      invalid: 'index_invalid',
      comment: 'comment',
    },
  },
  index: {
    missing: 'missing_index',
    extra: 'extra_index',
    renamed: 'renamed_index',
    facts: { unique: 'index_def', definition: 'index_def', invalid: 'index_invalid', comment: 'comment' },
  },
  view: {
    missing: 'missing_view',
    extra: 'extra_view',
    renamed: 'renamed_view',
    facts: {
      schema: 'renamed_view',
      definition: 'view_def',
      options: 'view_def',
      unfilled: 'view_def',
      defaults: 'view_def',
      columnComments: 'comment',
      comment: 'comment',
    },
  },
  trigger: {
    missing: 'missing_trigger',
    extra: 'extra_trigger',
    renamed: 'renamed_trigger',
    facts: { definition: 'trigger_def', fires: 'trigger_disabled', comment: 'comment' },
  },
  policy: {
    missing: 'missing_policy',
    extra: 'extra_policy',
    renamed: 'renamed_policy',
    facts: { definition: 'policy_def', comment: 'comment' },
  },
  rule: {
    missing: 'missing_rule',
    extra: 'extra_rule',
    renamed: 'renamed_rule',
    facts: { definition: 'rule_def', instead: 'rule_def', fires: 'rule_def', comment: 'comment' },
  },
};

/** What a check does not compare, as every answer says. */
export const notCompared = [
  'owners and grants',
  'the order of columns',
  'storage parameters, tablespaces, access methods and compression',
  'replica identity, publications and subscriptions',
  'extended statistics',
  'operators, casts, collations, text search configurations and event triggers',
  'the single parts of partitioned tables',
  'other schemas',
] as const;
