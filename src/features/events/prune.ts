import { sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { events } from '../../platform/db/schema.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';

const batch = 500;

/** Deletes events past their retention, in small batches. Numbers are never reused. */
export const pruneEventsJob = defineRecurringJob<Pick<Context, 'config' | 'db'>>({
  name: 'events.prune',
  everyMs: ({ config }) => config.retention.everyMs,
  async run({ config, db }) {
    const { rowCount } = await db.execute(sql`
      delete from ${events} where id in (
        select id from ${events}
        where created_at < now() - ${config.retention.eventsDays} * interval '1 day' and sequence is not null
        order by created_at limit ${batch}
        for update skip locked
      )
    `);
    return rowCount === batch;
  },
});
