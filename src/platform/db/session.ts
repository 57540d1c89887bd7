import type pg from 'pg';
import { limits } from '../../limits.ts';

/** Time limits of a session in milliseconds; omitted ones are unlimited. */
export type SessionLimits = {
  statementTimeoutMs?: number | undefined;
  lockTimeoutMs?: number | undefined;
  idleInTransactionTimeoutMs?: number | undefined;
};

/**
 * Session settings that the code relies on, whatever server, database and role say; options of the URL may not set
 * them.
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
  // Pooled connections idle, and the one for wake-ups does so for hours.
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/** Names of our settings, lower case for comparison. */
export const pinnedSettings: ReadonlySet<string> = new Set(
  [...Object.keys(pinned), 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'].map((name) =>
    name.toLowerCase(),
  ),
);

/** A session that lacks the settings although they were set. */
export class SessionError extends Error {
  override name = 'SessionError';
}

// Unknown to some versions.
const setText = `select name, set_config(name, value, false) as value from unnest($1::text[], $2::text[]) as wanted (name, value)
  where current_setting(name, true) is not null`;
const lookText = `select name, current_setting(name, true) as value from unnest($1::text[]) as wanted (name)`;

/**
 * Prepares a new connection's session and verifies it. By SQL, since poolers reject or drop settings in the startup
 * message; in a separate statement, which exposes a pooler that changes the session with each transaction.
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

// A server that accepts connections and never answers.
function ask<Row extends pg.QueryResultRow>(client: pg.ClientBase, text: string, values: unknown[]) {
  const query: pg.QueryConfig & { query_timeout: number } = { text, values, query_timeout: limits.databaseTools.ms };
  return client.query<Row>(query);
}

// A fraction of a millisecond would round to 0: no limit.
function milliseconds(limit: number | undefined): string {
  return limit === undefined ? '0' : `${Math.max(1, Math.round(limit))}ms`;
}
