import { fillPlaceholders, type Query } from 'drizzle-orm';
import type { PreparedQueryConfig } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';

/** A row of a prepared statement; times are text as PostgreSQL writes them. */
export type Stored<Row> = {
  [K in keyof Row]: Row[K] extends Date ? string : Row[K] extends Date | null ? string | null : Row[K];
};

/**
 * A frequent statement whose SQL is built once and which PostgreSQL parses and plans once per connection. drizzle's
 * own prepared queries are bound to one connection and map each value.
 * @param name unique among prepared statements
 * @param query `toSQL()` of a builder, with `sql.placeholder` for values
 * @returns a function that runs it in a database or transaction
 */
export function prepareStatement<Row extends object>(
  name: string,
  { sql: text, params }: Query,
): (db: Db, values: Record<string, unknown>) => Promise<Row[]> {
  return async (db, values) => {
    const query = { sql: text, params: fillPlaceholders(params, values) };
    const { session } = db._;
    const statement = session.prepareQuery<PreparedQueryConfig & { execute: { rows: Row[] } }>(
      query,
      undefined,
      name,
      false,
    );
    return (await statement.execute()).rows;
  };
}

const writtenTime = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(\+00)?$/;

/**
 * @returns a time written by PostgreSQL in a UTC session, with or without time zone
 * @throws Error for any other zone or style, which would silently be another instant
 */
export function readTime(text: string): Date {
  const written = writtenTime.exec(text);
  if (!written) throw new Error(`PostgreSQL wrote the time ${text}, and its session has to be in UTC and ISO`);
  return new Date(written[1] === undefined ? `${text}Z` : text);
}
