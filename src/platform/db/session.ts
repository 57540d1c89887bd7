import type pg from 'pg';
import { limits } from '../../limits.ts';

/** What a session may take of the server's time, in milliseconds; none is bounded that is left out. */
export type SessionLimits = {
  /** How long one statement may run. */
  statementTimeoutMs?: number | undefined;
  /** How long a statement may wait for a lock. */
  lockTimeoutMs?: number | undefined;
  /** How long a transaction may idle before PostgreSQL ends its connection. */
  idleInTransactionTimeoutMs?: number | undefined;
};

/**
 * What the code leans on in every session, whatever server, database and role say. A URL's options may not set them.
 * How times, floats and bytes are written; how texts are read; where unqualified names lead; what a transaction sees.
 */
const pinned = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Connections rest in the pool, and the one for wake-ups rests for hours.
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/** The names of the settings that are ours alone, in lower case as they are compared. */
export const pinnedSettings: ReadonlySet<string> = new Set(
  [...Object.keys(pinned), 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'].map((name) =>
    name.toLowerCase(),
  ),
);

/** A session that is not what the code leans on, although it was made so. */
export class SessionError extends Error {
  override name = 'SessionError';
}

// Not every version knows each of them.
const setText = `select name, set_config(name, value, false) as value from unnest($1::text[], $2::text[]) as wanted (name, value)
  where current_setting(name, true) is not null`;
const lookText = `select name, current_setting(name, true) as value from unnest($1::text[]) as wanted (name)`;

/**
 * Makes a new connection's session what the code leans on, and looks that it is: by SQL, since poolers refuse settings in
 * the startup message or drop them. The look is a statement of its own, which a pooler that gives each transaction another
 * session answers from there.
 * @throws SessionError naming the settings that did not hold
 */
export async function settleSession(client: pg.ClientBase, limits: SessionLimits = {}): Promise<void> {
  const wanted = {
    ...pinned,
    statement_timeout: milliseconds(limits.statementTimeoutMs),
    lock_timeout: milliseconds(limits.lockTimeoutMs),
    idle_in_transaction_session_timeout: milliseconds(limits.idleInTransactionTimeoutMs),
  };
  type Row = { name: string; value: string };
  const set = await ask<Row>(client, setText, [Object.keys(wanted), Object.values(wanted)]);
  const seen = await ask<Row>(client, lookText, [set.rows.map(({ name }) => name)]);
  const values = new Map(seen.rows.map(({ name, value }) => [name, value]));
  const lost = set.rows.filter(({ name, value }) => values.get(name) !== value).map(({ name }) => name);
  if (lost.length === 0) return;
  throw new SessionError(
    `A session of the database does not keep its settings (${lost.join(', ')}): a pooler in transaction mode stands between. Set its pool_mode to session, or connect directly.`,
  );
}

// A server that takes connections and answers nothing must not keep one for ever.
function ask<Row extends pg.QueryResultRow>(client: pg.ClientBase, text: string, values: unknown[]) {
  const query: pg.QueryConfig & { query_timeout: number } = { text, values, query_timeout: limits.databaseTools.ms };
  return client.query<Row>(query);
}

// A fraction of a millisecond would be rounded to 0, which is no limit.
function milliseconds(limit: number | undefined): string {
  return limit === undefined ? '0' : `${Math.max(1, Math.round(limit))}ms`;
}
