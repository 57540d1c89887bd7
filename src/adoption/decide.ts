import type { DriftFinding } from '@likeness/schema-tools/fix/finding.ts';

export type Decision =
  | { kind: 'apply' }
  /** The difference stays, with a reason for the ledger. */
  | { kind: 'keep'; reason: string }
  /** A separate conversion resolves it. */
  | { kind: 'convert' }
  | { kind: 'refuse'; why: 'adopt_type' | 'adopt_no_value' | 'adopt_rule' };

const keep = (reason: string): Decision => ({ kind: 'keep', reason });
const apply: Decision = { kind: 'apply' };

const theirs = 'It belongs to the earlier system, which may still read it; the service neither reads nor writes it.';

/**
 * Decides on a difference: missing objects are created, unknown ones stay, and what cannot be decided is refused. Only
 * indexes and keys that are recreated in the same transaction are dropped.
 */
export function decide({ code, severity, fix, difference }: DriftFinding): Decision {
  switch (code) {
    case 'missing_column':
      return fix.class === 'validating' ? { kind: 'refuse', why: 'adopt_no_value' } : apply;
    case 'extra_table':
      return keep(theirs);
    case 'extra_column':
      return keep('A column of the earlier system; it keeps its values, and new rows leave it empty.');
    // An extra column remains, which stays.
    case 'extra_not_null_column':
      return apply;
    case 'extra_index':
      return difference.actual?.facts['unique'] === true
        ? keep('A unique index of the earlier system, kept for its readers: it may refuse rows.')
        : keep('An index of the earlier system, kept for its queries; it costs writes a little.');
    case 'extra_constraint':
      return keep('A key or check of the earlier system, kept: it may refuse rows.');
    case 'extra_trigger':
    case 'extra_policy':
      return keep('It belongs to the earlier system, and it may change or refuse what is written.');
    case 'extra_enum':
    case 'extra_type':
    case 'extra_sequence':
    case 'extra_view':
    case 'extra_function':
    case 'extra_extension':
      return keep(theirs);
    case 'extra_rule':
      return severity === 'critical' ? { kind: 'refuse', why: 'adopt_rule' } : keep('A rule of the earlier system.');
    case 'unique_kind':
      return keep('The same uniqueness under another kind of object; every statement works with it.');
    case 'comment':
      return keep('A comment harms nobody.');
    case 'column_collation':
      return keep('Sorting differs; writing the table anew for it is not worth it.');
    case 'column_type':
    case 'enum_values':
      return { kind: 'convert' };
    default:
      return fix.sql === null ? { kind: 'refuse', why: 'adopt_type' } : apply;
  }
}

/** Why a difference stays that is left by an applied one. */
export function reasonToKeep(finding: DriftFinding): string | null {
  const decision = decide(finding);
  if (decision.kind === 'keep') return decision.reason;
  return finding.code === 'constraint_not_valid'
    ? 'Made without a look at the rows that were there, since some of them point nowhere and were to stay.'
    : null;
}
