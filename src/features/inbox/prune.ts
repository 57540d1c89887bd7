import { sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { falWebhooks } from '../../platform/db/schema.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';

const batch = 500;

/** Deletes drained webhooks past their retention, in small batches. */
export const pruneWebhooksJob = defineRecurringJob<Pick<Context, 'config' | 'db'>>({
  name: 'webhooks.prune',
  everyMs: ({ config }) => config.retention.everyMs,
  async run({ config, db }) {
    const { rowCount } = await db.execute(sql`
      delete from ${falWebhooks} where id in (
        select id from ${falWebhooks}
        where received_at < now() - ${config.retention.webhooksDays} * interval '1 day' and drained_at is not null
        order by received_at limit ${batch}
        for update skip locked
      )
    `);
    return rowCount === batch;
  },
});
