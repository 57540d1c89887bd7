import { sql } from 'drizzle-orm';
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import { generations, jobStatuses } from '../../platform/db/schema.ts';
import { counterIn } from '../../platform/metrics/counter.ts';
import { isUnfinished } from './store.ts';

export function registerGenerationMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  submissionsCounter(metrics);
  const byStatus = new Gauge({
    name: 'likeness_generations',
    help: 'Unfinished generations by status.',
    labelNames: ['status'],
    registers: [metrics],
  });
  sampler.add({
    gauges: [byStatus],
    async read(db) {
      const rows = await db
        .select({ status: generations.status, count: sql<number>`count(*)::int` })
        .from(generations)
        .where(isUnfinished)
        .groupBy(generations.status);
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      for (const status of jobStatuses.filter((status) => !isTerminal(status)))
        byStatus.set({ status }, counts.get(status) ?? 0);
    },
  });
}

export function submissionsCounter(metrics: Registry): Counter<'outcome'> {
  return counterIn(metrics, {
    name: 'likeness_generation_submissions_total',
    help: 'Submissions of generations to fal by outcome: accepted, blocked, submit_unknown, give_up.',
    labels: { outcome: ['accepted', 'blocked', 'submit_unknown', 'give_up'] },
  });
}
