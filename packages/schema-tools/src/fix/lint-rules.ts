import type { Severity } from '../diff/codes.ts';
import type { Statement } from '../text/statement.ts';

/** What a rule finds in a statement, given the tables created before it in its file. */
export type Rule = {
  severity: Severity;
  /** The code's meaning, for the manual. */
  says: string;
  /** What to do instead. */
  advice: string;
  /** `migrate` refuses it without `--allow CODE`, since data is lost. */
  destructive?: true;
  finds: (action: string, statement: Statement, file: FileContext) => boolean;
};

export type FileContext = {
  transactional: boolean;
  /** Tables created by this file: empty and unused. */
  created: ReadonlySet<string>;
  /** Enum labels added by this file so far. */
  addedLabels: ReadonlySet<string>;
  /** Enum labels added by this file and all before it, since pending files may run in one transaction. */
  addedBefore: ReadonlySet<string>;
};

const onOldTable = ({ table }: Statement, { created }: FileContext) => table === null || !created.has(table);

const outsideTransactions =
  /^(vacuum|alter system|create database|drop database|create tablespace|drop tablespace|create subscription|drop subscription)\b/;
const controls = /^(begin|commit|rollback|start transaction|end)\b(?! to)/;

/** Rules by code: effects of a migration on rows, on other sessions or on itself. */
export const lintRules = {
  drop_table: {
    severity: 'critical',
    says: 'A table goes away with its rows.',
    advice: 'Stop using it first, keep a dump, and drop it in a later release.',
    destructive: true,
    finds: (action) => /^drop (table|schema)\b/.test(action),
  },
  drop_column: {
    severity: 'critical',
    says: 'A column goes away with its values; instances of the older code fail.',
    advice: 'Release code that does not use it first, and drop it in a later release.',
    destructive: true,
    finds: (action) => /^drop column\b/.test(action) || /^drop (?!constraint|default|table|index)\w+$/.test(action),
  },
  drop_cascade: {
    severity: 'critical',
    says: 'CASCADE takes along whatever depends on it.',
    advice: 'Name what is to go, one statement each.',
    destructive: true,
    finds: (action) => /^drop\b.* cascade$/.test(action) && !/^drop (table|schema|column)\b/.test(action),
  },
  truncate: {
    severity: 'critical',
    says: 'All rows of a table go away.',
    advice: 'Delete what is meant, with a condition.',
    destructive: true,
    finds: (action) => /^truncate\b/.test(action),
  },
  delete_all: {
    severity: 'critical',
    says: 'DELETE without a condition.',
    advice: 'Say which rows.',
    destructive: true,
    finds: (action) => /^delete from\b/.test(action) && !/ where /.test(action),
  },
  truncating_cast: {
    severity: 'critical',
    says: 'A cast to a shorter type that is written out cuts values off without a word.',
    advice: 'Leave USING away: PostgreSQL then refuses values that do not fit.',
    destructive: true,
    finds: (action) =>
      /^alter (column )?\S+ (set data )?type .* using .*::\s*(varchar|character varying|char|character|bit|numeric|timestamp|timestamptz|time)\s*\(/.test(
        action,
      ),
  },
  column_type_change: {
    severity: 'warning',
    says: 'A column changes its type: the table is locked and, for most types, written anew.',
    advice: 'On a large table add a new column, fill it in batches, and exchange the two.',
    finds: (action, statement, file) =>
      /^alter (column )?\S+ (set data )?type\b/.test(action) && onOldTable(statement, file),
  },
  add_column_not_null: {
    severity: 'critical',
    says: 'A NOT NULL column without a default is added: it fails when there are rows.',
    advice: 'Add it without NOT NULL, fill it, and set NOT NULL after that.',
    finds: (action, statement, file) =>
      /^add (column )?(?!constraint|check|unique|primary|foreign|exclude)\S+ .*\bnot null\b/.test(action) &&
      !/\b(default|generated)\b/.test(action) &&
      onOldTable(statement, file),
  },
  volatile_default: {
    severity: 'warning',
    says: 'A column is added with a default that differs by row: the table is written anew under a lock.',
    advice: 'Add it without the default, set the default, and fill old rows in batches.',
    finds: (action, statement, file) =>
      /^add (column )?.*\bdefault .*(random|gen_random_uuid|uuid_generate|clock_timestamp|nextval)/.test(action) &&
      onOldTable(statement, file),
  },
  set_not_null: {
    severity: 'warning',
    says: 'SET NOT NULL reads the whole table under a lock.',
    advice: 'Add CHECK (… is not null) NOT VALID, validate it, then set NOT NULL, which believes the check.',
    finds: (action, statement, file) => /\bset not null$/.test(action) && onOldTable(statement, file),
  },
  constraint_validates: {
    severity: 'warning',
    says: 'A key or check is put over rows that are there: all are read under a lock, and one that breaks it makes the file fail.',
    advice: 'Add it NOT VALID, and validate it in a file of its own.',
    finds: (action, statement, file) =>
      /^add (constraint \S+ )?(check|foreign key)\b/.test(action) &&
      !/\bnot valid$/.test(action) &&
      onOldTable(statement, file),
  },
  unique_blocks: {
    severity: 'warning',
    says: 'A unique or primary key is built while nobody may read or write the table.',
    advice: 'Build a unique index concurrently and add the key USING INDEX.',
    finds: (action, statement, file) =>
      /^add (constraint \S+ )?(unique|primary key|exclude)\b/.test(action) &&
      !/\busing index\b/.test(action) &&
      onOldTable(statement, file),
  },
  index_blocks: {
    severity: 'warning',
    says: 'An index is built while nobody may write the table.',
    advice:
      'Accept it for a small table; for a large one build it concurrently by hand first, and let the file say IF NOT EXISTS.',
    finds: (action, statement, file) =>
      /^create (unique )?index (?!concurrently)/.test(action) && onOldTable(statement, file),
  },
  rename_breaks: {
    severity: 'warning',
    says: 'A table, column or type gets another name: instances of the older code fail until they are replaced.',
    advice: 'Add the new name beside the old one and move over in two releases.',
    finds: (action, statement, file) => /^rename (column |to )?/.test(action) && onOldTable(statement, file),
  },
  update_all: {
    severity: 'info',
    says: 'UPDATE without a condition: every row is written and locked until the file ends.',
    advice: 'On a large table do it in batches.',
    finds: (action, statement, file) =>
      /^update\b/.test(action) && !/ where /.test(action) && onOldTable(statement, file),
  },
  concurrently_in_transaction: {
    severity: 'critical',
    says: 'CONCURRENTLY can not run inside the transaction of its file.',
    advice: 'Build it by hand before the release, and let the file say IF NOT EXISTS.',
    finds: (action, _, { transactional }) =>
      transactional && /^(create|drop|reindex|refresh)\b.* concurrently\b/.test(action),
  },
  not_in_transaction: {
    severity: 'critical',
    says: 'The statement can not run inside the transaction of its file.',
    advice: 'Put it into a file of its own with the line `-- db:no-transaction`.',
    finds: (action, _, { transactional }) => transactional && outsideTransactions.test(action),
  },
  transaction_control: {
    severity: 'critical',
    says: 'BEGIN, COMMIT and ROLLBACK inside a file break the transaction that records it.',
    advice: 'Leave them away; every file is a transaction.',
    finds: (action) => controls.test(action),
  },
  enum_value_used: {
    severity: 'critical',
    says: 'A value is added to an enum type and used in the same transaction, which PostgreSQL refuses (55P04).',
    advice: 'Use it in the next file.',
    finds: (action, _, { transactional, addedLabels }) =>
      transactional && !/^alter type\b/.test(action) && [...addedLabels].some((label) => action.includes(label)),
  },
  kit_cannot: {
    severity: 'critical',
    says: 'drizzle-kit migrate can not run the file: it runs all pending files in one transaction.',
    advice: 'Write it so that it runs inside a transaction; a value of an enum type is used from the next release on.',
    finds: (action, _, { transactional, addedBefore }) =>
      !transactional ||
      /^(create|drop|reindex|refresh)\b.* concurrently\b/.test(action) ||
      outsideTransactions.test(action) ||
      controls.test(action) ||
      (!/^alter type\b/.test(action) && [...addedBefore].some((label) => action.includes(label))),
  },
  half_way: {
    severity: 'info',
    says: 'The file runs without a transaction: stopped in the middle, it stays half applied.',
    advice: 'Keep one statement in it, or make each one safe to run again.',
    finds: (_, __, { transactional }) => !transactional,
  },
} as const satisfies Record<string, Rule>;

export type LintCode = keyof typeof lintRules;

/** Codes of faults of the folder itself. */
export const folderCodes = {
  old_timestamp: 'A file is dated before the one above it in the journal: drizzle’s migrator would skip it.',
  folder_fault: 'The folder and its journal contradict each other.',
} as const satisfies Record<string, string>;
