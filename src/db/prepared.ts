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

/** @returns the time that PostgreSQL wrote in a session in UTC, whether or not the column has a time zone */
export function readTime(text: string): Date {
  return new Date(text.endsWith('+00') ? text : `${text}Z`);
}
