import { isNotNull } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { falWebhooks } from '../../platform/db/schema.ts';
import { defineRetention } from '../../platform/jobs/retention.ts';

/** Deletes drained webhooks past their retention. */
export const pruneWebhooksJob = defineRetention<Pick<Context, 'config' | 'db' | 'log'>>({
  name: 'webhooks.prune',
  table: falWebhooks,
  key: [falWebhooks.id],
  since: falWebhooks.received_at,
  days: ({ retention }) => retention.webhooksDays,
  and: isNotNull(falWebhooks.drained_at),
});
