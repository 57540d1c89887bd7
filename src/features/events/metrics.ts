import { sql } from 'drizzle-orm';
import { Gauge } from 'prom-client';
import type { Context } from '../../context.ts';
import { events } from '../../platform/db/schema.ts';

export function registerEventMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  const registers = [metrics];
  const waiting = new Gauge({
    name: 'likeness_events_unnumbered',
    help: 'Committed events that have no sequence number yet.',
    registers,
  });
  const lag = new Gauge({
    name: 'likeness_event_lag_seconds',
    help: 'Age of the oldest committed event that has no sequence number yet, in seconds.',
    registers,
  });
  sampler.add({
    gauges: [waiting, lag],
    async read(db) {
      const [row] = await db
        .select({
          count: sql<number>`count(*)::int`,
          lag: sql<number>`coalesce(extract(epoch from now() - min(${events.created_at})), 0)::float8`,
        })
        .from(events)
        .where(sql`${events.sequence} is null`);
      waiting.set(row?.count ?? 0);
      lag.set(row?.lag ?? 0);
    },
  });
}
