import { quoteText } from '../sql-text.ts';
import type { Difference } from './diff.ts';

/** What a person has to look at or decide; null where the statements say it all. */
export function adviceOf(difference: Difference): string | null {
  switch (difference.code) {
    case 'enum_values':
      return enumAdvice(difference);
    case 'column_type':
      return 'Values that the type can not hold make it fail: `likeness db check --data` names them.';
    case 'column_generated':
    case 'column_identity':
      return 'Add the column anew under another name, copy the values, and exchange the two.';
    case 'partition_key':
    case 'table_inheritance':
    case 'type_def':
      return 'Make it anew beside the old one and move the rows.';
    case 'column_not_null_not_valid':
      return 'Find rows without a value and give them one, then validate the NOT NULL constraint by its name.';
    case 'missing_type':
      return 'Make it by the migration that it came with.';
    default:
      return null;
  }
}

function enumAdvice({ expected, actual }: Difference): string | null {
  const wanted = labelsOf(expected?.facts['labels']);
  const there = labelsOf(actual?.facts['labels']);
  const extra = there.filter((label) => !wanted.includes(label));
  if (extra.length > 0) {
    return `Rows may hold ${extra.map(quoteText).join(', ')}: give them another value, then make the type anew in a migration.`;
  }
  return wanted.every((label) => there.includes(label))
    ? 'PostgreSQL keeps the order of labels: make the type anew in a migration.'
    : null;
}

function labelsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((label) => typeof label === 'string') : [];
}
