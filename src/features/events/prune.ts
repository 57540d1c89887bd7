import { isNotNull } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { events } from '../../platform/db/schema.ts';
import { defineRetention } from '../../platform/jobs/retention.ts';

/** Deletes numbered events past their retention. Numbers are never reused. */
export const pruneEventsJob = defineRetention<Pick<Context, 'config' | 'db' | 'log'>>({
  name: 'events.prune',
  table: events,
  key: [events.id],
  since: events.created_at,
  days: ({ retention }) => retention.eventsDays,
  and: isNotNull(events.sequence),
});
