import { quoteText } from '../text/sql-text.ts';
import { type Difference, textFact } from '../diff/diff.ts';

/** What an operator must check or decide; null where the statements suffice. */
export function adviceOf(difference: Difference): string | null {
  switch (difference.code) {
    case 'enum_values':
      return enumAdvice(difference);
    case 'column_type':
      return 'Values that the type can not hold make it fail: a check with `--data` names them.';
    case 'column_generated':
      return generationAdvice(difference);
    case 'partition_key':
      return 'Make it anew beside the old one and move the rows.';
    case 'type_def':
      return textFact(difference.expected, 'definition') === textFact(difference.actual, 'definition')
        ? null
        : 'Columns of the type keep it from being made again: give them another type first.';
    case 'missing_sequence':
      return 'Where no column tells which rows it numbers, it begins at its start: set it past the numbers that were given.';
    case 'table_storage':
      return textFact(difference.actual, 'storage') === 'foreign' ||
        textFact(difference.expected, 'storage') === 'foreign'
        ? 'Make it anew beside the old one and move the rows.'
        : null;
    case 'column_not_null_not_valid':
      return 'Find rows without a value and give them one, then validate the NOT NULL constraint by its name.';
    default:
      return null;
  }
}

function generationAdvice({ expected, actual }: Difference): string | null {
  if (textFact(expected, 'generated') !== undefined) return 'Values that were written by hand are computed again.';
  return textFact(actual, 'generated')?.startsWith('virtual') === true
    ? 'Add the column under another name, copy the values, and exchange the two.'
    : null;
}

function enumAdvice({ expected, actual }: Difference): string | null {
  const wanted = labelsOf(expected?.facts['labels']);
  const there = labelsOf(actual?.facts['labels']);
  const extra = there.filter((label) => !wanted.includes(label));
  if (extra.length > 0) {
    return `Rows may hold ${extra.map(quoteText).join(', ')}: give them another value, then make the type anew in a migration.`;
  }
  return wanted.every((label) => there.includes(label))
    ? 'PostgreSQL keeps the order of labels: make the type anew in a migration. Where labels were renamed to each other, rows say the other one now: find out which before.'
    : null;
}

function labelsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((label) => typeof label === 'string') : [];
}
