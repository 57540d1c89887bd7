import { and, type Column, lt, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../db/client.ts';
import { defineRecurringJob, type RecurringJob } from './define.ts';

type Needs = { config: { retention: { everyMs: number } }; db: Db };

export type Retention<C extends Needs> = {
  /** Name of the job. */
  name: string;
  table: PgTable;
  /** Columns of the primary key. */
  key: readonly Column[];
  /** Time from which the retention counts; an index on it keeps the job cheap. */
  since: Column;
  /** Days for which a row is kept from `since` on. */
  days: (config: C['config']) => number;
  /** What else makes a row deletable. */
  and?: SQL;
};

const batch = 500;

/**
 * Defines the job that deletes the rows of a table whose retention is over: oldest first, in batches that hold few
 * locks, and past rows that another transaction holds, whose turn comes again.
 */
export function defineRetention<C extends Needs>(retention: Retention<C>): RecurringJob<C> {
  const { name, table, key, since, days, and: also } = retention;
  const names = sql.join([...key], sql`, `);
  return defineRecurringJob<C>({
    name,
    everyMs: ({ config }) => config.retention.everyMs,
    async run({ config, db }) {
      const isOver = lt(since, sql`now() - ${days(config)} * interval '1 day'`);
      const { rowCount } = await db.execute(sql`
        delete from ${table} where (${names}) in (
          select ${names} from ${table} where ${and(isOver, also)} order by ${since} limit ${batch}
          for update skip locked
        )
      `);
      return rowCount === batch;
    },
  });
}
