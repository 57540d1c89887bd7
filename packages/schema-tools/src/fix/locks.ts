import { parseStatement } from '../text/statement.ts';

type LockRule = [pattern: RegExp, lock: string];

// From PostgreSQL's manual: "Explicit Locking" and the statements' pages.
const actionLocks: LockRule[] = [
  [/^validate constraint\b/, 'share update exclusive'],
  [/^(set statistics|alter (column )?\S+ set statistics|attach partition)\b/, 'share update exclusive'],
  [/^add (constraint \S+ )?foreign key\b/, 'share row exclusive'],
  [/^(enable|disable) trigger\b/, 'share row exclusive'],
  [/./, 'access exclusive'],
];
const strength = ['share update exclusive', 'share', 'share row exclusive', 'access exclusive'];

const statementLocks: LockRule[] = [
  [/^create (unique )?index concurrently\b/, 'share update exclusive'],
  [/^create (unique )?index\b/, 'share'],
  [/^drop index concurrently\b/, 'share update exclusive'],
  [/^(drop|truncate|cluster|vacuum full|reindex)\b/, 'access exclusive'],
  [/^create (or replace )?(constraint )?trigger\b/, 'share row exclusive'],
  [/^(update|delete|insert|merge)\b/, 'row exclusive'],
  [/^refresh materialized view concurrently\b/, 'exclusive'],
  [/^refresh materialized view\b/, 'access exclusive'],
];

/** What a statement blocks until its transaction ends; `none` for one that only creates something. */
export function lockOf(sql: string): string {
  const { text, table, actions } = parseStatement(sql);
  const name = table === null ? '' : ` on ${table}`;
  if (/^alter table\b/.test(text)) {
    const found = actions.map(
      (action) => actionLocks.find(([pattern]) => pattern.test(action))?.[1] ?? 'access exclusive',
    );
    return `${found.toSorted((a, b) => strength.indexOf(a) - strength.indexOf(b)).at(-1) ?? 'access exclusive'}${name}`;
  }
  const lock = statementLocks.find(([pattern]) => pattern.test(text))?.[1];
  return lock === undefined ? 'none' : `${lock}${name}`;
}
