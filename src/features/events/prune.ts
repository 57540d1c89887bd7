import { sql } from 'drizzle-orm';
import { events } from '../../platform/db/schema.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';

const batch = 500;

/** Deletes events that are older than readers are promised, a few at a time. Numbers are never used again. */
export const pruneEventsJob = defineRecurringJob({
  name: 'events.prune',
  everyMs: (config) => config.retention.everyMs,
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
