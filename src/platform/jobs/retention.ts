import { and, type Column, lt, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { BaseLogger } from 'pino';
import type { Db } from '../db/client.ts';
import { isDeterministic } from '../db/faults.ts';
import { defineRecurringJob, type RecurringJob } from './define.ts';

type Needs = { config: { retention: { everyMs: number } }; db: Db; log: Pick<BaseLogger, 'error'> };

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
    async run({ config, db, log }) {
      const isOver = lt(since, sql`now() - ${days(config)} * interval '1 day'`);
      const oldest = sql`select ${names} from ${table} where ${and(isOver, also)} order by ${since} limit ${batch}`;
      const remove = (which: SQL) => db.execute(sql`delete from ${table} where (${names}) ${which}`);
      try {
        const { rowCount } = await remove(sql`in (${oldest} for update skip locked)`);
        return rowCount === batch;
      } catch (error) {
        if (!isDeterministic(error)) throw error;
        log.error({ err: error, job: name }, 'the database refuses a deletion, and rows are deleted one by one');
      }
      // A row that can never be deleted must not keep the others.
      const { rows } = await db.execute(oldest);
      let deleted = 0;
      for (const row of rows) {
        const values = sql.join(
          Object.values(row).map((value) => sql`${value}`),
          sql`, `,
        );
        const done = await remove(sql`= (${values})`).catch((error: unknown) => {
          if (!isDeterministic(error)) throw error;
        });
        deleted += done?.rowCount ?? 0;
      }
      return rows.length === batch && deleted > 0;
    },
  });
}
