import { sql } from 'drizzle-orm';
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { counterIn } from '../../platform/metrics/counter.ts';
import { webhookDeliveries, webhookEndpoints } from '../../platform/db/schema.ts';

export function registerDeliveryMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  attemptsCounter(metrics);
  const registers = [metrics];
  const due = new Gauge({
    name: 'likeness_webhook_deliveries_due',
    help: 'Due deliveries to webhook endpoints, leaving out failing and paused endpoints.',
    registers,
  });
  const oldest = new Gauge({
    name: 'likeness_webhook_deliveries_oldest_seconds',
    help: 'Age of the oldest due delivery, in seconds, leaving out failing and paused endpoints.',
    registers,
  });
  sampler.add({
    gauges: [due, oldest],
    async read(db) {
      const { rows } = await db.execute<{ count: number; oldest: number }>(sql`
        select count(*)::int as count,
          coalesce(extract(epoch from now() - min(next_attempt_at)), 0)::float8 as oldest
        from ${webhookDeliveries} join ${webhookEndpoints} endpoint on endpoint.id = endpoint_id
        where next_attempt_at <= now() and endpoint.status = 'enabled' and failing_since is null
          and (paused_until is null or paused_until <= now())
      `);
      due.set(rows[0]?.count ?? 0);
      oldest.set(rows[0]?.oldest ?? 0);
    },
  });
}

export function attemptsCounter(registry: Registry): Counter<'upshot'> {
  return counterIn(registry, {
    name: 'likeness_webhook_attempts_total',
    help: 'Attempts to deliver webhooks by outcome: delivered, repeated later, given up, endpoint disabled.',
    labels: { upshot: ['delivered', 'repeated later', 'given up', 'endpoint disabled'] },
  });
}
