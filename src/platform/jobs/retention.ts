import { and, type Column, lt, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../db/client.ts';
import { defineRecurringJob, type RecurringJob } from './define.ts';

type Needs = { config: { retention: { everyMs: number } }; db: Db };

export type Retention<C extends Needs> = {
  name: string;
  table: PgTable;
  key: readonly Column[];
  /** Start of the retention, which needs an index. */
  since: Column;
  /** Days from `since`. */
  days: (config: C['config']) => number;
  /** A further condition of deletable rows. */
  and?: SQL;
};

const batch = 500;

/** Defines the job that deletes expired rows of a table: oldest first, in small batches, skipping locked rows. */
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
