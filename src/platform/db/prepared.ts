import { fillPlaceholders, type Query } from 'drizzle-orm';
import type { PreparedQueryConfig } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';

/** A row as it comes from a prepared statement: times are text, as PostgreSQL writes them. */
export type Stored<Row> = {
  [K in keyof Row]: Row[K] extends Date ? string : Row[K] extends Date | null ? string | null : Row[K];
};

/**
 * A statement that runs often. Its text is written once, and PostgreSQL parses and plans it once for each connection,
 * which costs more than running it. drizzle's own prepared queries belong to one connection, and map each value.
 * @param name unlike that of any other statement
 * @param query what `toSQL()` of a builder gives, with `sql.placeholder` where values go
 * @returns a function that runs it, by itself or in a transaction
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
 * @returns the time that PostgreSQL wrote in a session in UTC, whether or not the column has a time zone
 * @throws Error for a time that was written in another zone or style, which would silently become another instant
 */
export function readTime(text: string): Date {
  const written = writtenTime.exec(text);
  if (!written) throw new Error(`PostgreSQL wrote the time ${text}, and its session has to be in UTC and ISO`);
  return new Date(written[1] === undefined ? `${text}Z` : text);
}
