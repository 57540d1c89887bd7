/**
 * Critical: a statement of the service fails, or a write is lost or wrong. Warning: behaviour or performance differs.
 * Info: harmless.
 */
export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/**
 * The origin of a difference. `unmigrated`: the model was changed without a migration. `pending`: a migration is not
 * applied yet. `drift`: a manual change of the database. `unadopted`: the database is the earlier system's. `ahead`:
 * newer code migrated it. `accepted`: an operator accepted it.
 */
export const causes = ['unmigrated', 'pending', 'drift', 'unadopted', 'ahead', 'accepted'] as const;
export type Cause = (typeof causes)[number];

/** Every code of a difference with its meaning, as in the manual. */
export const driftCodes = {
  missing_table: 'A table of the model is not there.',
  extra_table: 'A table that the model does not know.',
  renamed_table:
    'A table of the model is missing, and one with the same columns has another name or stands in another schema.',
  table_storage: 'The table is unlogged (its rows do not survive a crash), foreign, or should be.',
  row_security: 'Row security is on where the model has it off, or off where it has it on.',
  partition_key: 'The table is partitioned otherwise.',
  table_inheritance: 'The table inherits from another one than the model says.',
  foreign_keys_off: 'The triggers that enforce foreign keys are disabled on the table.',
  missing_column: 'A column of the model is not there.',
  extra_column: 'A column that the model does not know, which may stay empty.',
  extra_not_null_column: 'A column that the model does not know, NOT NULL and without default: inserts fail.',
  renamed_column: 'A column of the model is missing, and one just like it stands in its place.',
  column_type: 'The column has another type, length or precision.',
  column_nullable: 'The column is NOT NULL where it may be empty, or may be empty where it is NOT NULL.',
  column_not_null_not_valid: 'The column is NOT NULL for new rows; the old ones were never checked.',
  column_default: 'The column has another default, none, or one that the model lacks.',
  column_generated: 'The column is generated otherwise, or is generated and should not be.',
  column_identity: 'The column is an identity of another kind, or is one and should not be.',
  column_collation: 'The column sorts and compares by another collation.',
  missing_enum: 'An enum type of the model is not there.',
  extra_enum: 'An enum type that the model does not know.',
  renamed_enum:
    'An enum type of the model is missing, and one with the same labels has another name or stands in another schema.',
  enum_values: 'The enum type has other labels, or the same in another order.',
  missing_type: 'A domain, range or composite type of the model is not there.',
  extra_type: 'A domain, range or composite type that the model does not know.',
  type_def: 'The domain, range or composite type is defined otherwise.',
  renamed_type: 'A type of the model is missing, and one like it has another name or stands in another schema.',
  missing_index: 'An index of the model is not there.',
  extra_index: 'An index that the model does not know.',
  renamed_index: 'The index is there under another name.',
  index_def: 'The index has other columns, order, method, predicate or uniqueness.',
  index_invalid: 'The index was not built to its end: it is maintained and never used.',
  unique_kind: 'Uniqueness is kept by a constraint in place of an index, or the other way round.',
  missing_constraint: 'A key or check of the model is not there.',
  extra_constraint: 'A key or check that the model does not know: it may refuse rows.',
  renamed_constraint: 'The key or check is there under another name.',
  constraint_def: 'The key or check is defined otherwise: columns, condition or actions.',
  constraint_not_valid: 'The key or check holds for new rows; the old ones were never checked.',
  missing_sequence: 'A sequence of the model is not there.',
  extra_sequence: 'A sequence that the model does not know.',
  renamed_sequence: 'The sequence is there under another name or in another schema.',
  sequence_def: 'The sequence has another type, step, bounds, cache, storage or owner.',
  missing_view: 'A view of the model is not there.',
  extra_view: 'A view that the model does not know.',
  view_def: 'The view has another definition, other options or other defaults.',
  renamed_view: 'The view is there under another name or in another schema.',
  missing_trigger: 'A trigger of the model is not there.',
  extra_trigger: 'A trigger that the model does not know: it may change or refuse rows.',
  trigger_def: 'The trigger is defined otherwise.',
  trigger_disabled: 'The trigger does not fire, or fires at other times.',
  renamed_trigger: 'The trigger is there under another name.',
  missing_function: 'A function of the model is not there.',
  extra_function: 'A function that the model does not know.',
  function_def: 'The function is defined otherwise.',
  renamed_function: 'The function is there under another name or in another schema.',
  missing_policy: 'A row security policy of the model is not there.',
  extra_policy: 'A row security policy that the model does not know.',
  policy_def: 'The row security policy is defined otherwise.',
  renamed_policy: 'The row security policy is there under another name.',
  missing_rule: 'A rewrite rule of the model is not there.',
  extra_rule: 'A rewrite rule that the model does not know: it changes what statements do.',
  rule_def: 'The rewrite rule is defined otherwise, or does not fire.',
  renamed_rule: 'The rewrite rule is there under another name.',
  missing_extension: 'An extension of the model is not installed.',
  extra_extension: 'An extension that the model does not need.',
  comment: 'The comment is another one.',
} as const satisfies Record<string, string>;
export type DriftCode = keyof typeof driftCodes;
