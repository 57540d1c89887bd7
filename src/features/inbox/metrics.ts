import { sql } from 'drizzle-orm';
import { type Counter, Gauge, type Histogram, type Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { counterIn, histogramIn } from '../../platform/metrics/counter.ts';
import { falWebhooks } from '../../platform/db/schema.ts';

export function registerInboxMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  drainedCounter(metrics);
  lagHistogram(metrics);
  const registers = [metrics];
  const waiting = new Gauge({
    name: 'likeness_fal_inbox_webhooks',
    help: 'Webhooks of fal that are stored and not drained yet.',
    registers,
  });
  const oldest = new Gauge({
    name: 'likeness_fal_inbox_oldest_seconds',
    help: 'Age of the oldest webhook of fal that is stored and not drained yet, in seconds.',
    registers,
  });
  sampler.add({
    gauges: [waiting, oldest],
    async read(db) {
      const [row] = await db
        .select({
          count: sql<number>`count(*)::int`,
          oldest: sql<number>`coalesce(extract(epoch from now() - min(${falWebhooks.received_at})), 0)::float8`,
        })
        .from(falWebhooks)
        .where(sql`${falWebhooks.drained_at} is null`);
      waiting.set(row?.count ?? 0);
      oldest.set(row?.oldest ?? 0);
    },
  });
}

export function verdictCounter(registry: Registry): Counter<'verdict'> {
  return counterIn(registry, {
    name: 'likeness_fal_webhooks_total',
    help: 'Webhooks of fal that arrived, by verdict: kept, foreign, foreign_signer, invalid_signature, no_keys, overloaded, too_large, too_slow, failed.',
    labels: {
      verdict: [
        'kept',
        'foreign',
        'foreign_signer',
        'invalid_signature',
        'no_keys',
        'overloaded',
        'too_large',
        'too_slow',
        'failed',
      ],
    },
  });
}

export function drainedCounter(registry: Registry): Counter<'outcome'> {
  return counterIn(registry, {
    name: 'likeness_fal_webhooks_drained_total',
    help: 'Webhooks of fal that were drained, by outcome: applied, repeated, deferred, mismatched, orphaned, quarantined.',
    labels: { outcome: ['applied', 'repeated', 'deferred', 'mismatched', 'orphaned', 'quarantined'] },
  });
}

export function lagHistogram(registry: Registry): Histogram {
  return histogramIn(registry, {
    name: 'likeness_fal_webhook_lag_seconds',
    help: 'Time from the arrival of a webhook of fal to its effect, in seconds.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120],
  });
}
