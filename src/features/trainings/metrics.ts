import { sql } from 'drizzle-orm';
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { counterIn } from '../../platform/metrics/counter.ts';
import { chargedAnswers, providerCircuit, trainings } from '../../platform/db/schema.ts';
import { registerJobGauges } from '../../fal-jobs/gauges.ts';

export function registerTrainingMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  submissionsCounter(metrics);
  uploadsCounter(metrics);
  registerJobGauges({ metrics, sampler }, 'training');
  const registers = [metrics];
  const circuit = new Gauge({
    name: 'likeness_provider_circuit_open',
    help: '1 while fal accepts no training, by reason.',
    labelNames: ['reason'],
    registers,
  });
  sampler.add({
    gauges: [circuit],
    async read(db) {
      circuit.reset();
      const [row] = await db.select({ reason: providerCircuit.reason }).from(providerCircuit);
      if (row?.reason) circuit.set({ reason: row.reason }, 1);
    },
  });
  const cost = new Gauge({
    name: 'likeness_training_cost_usd',
    help: 'Estimated cost of the trainings started in the last 24 hours, by whether fal charged: yes, no, unknown, open.',
    labelNames: ['charged'],
    registers,
  });
  sampler.add({
    gauges: [cost],
    async read(db) {
      const rows = await db
        .select({
          charged: sql<string>`coalesce(${trainings.charged}, 'open')`,
          usd: sql<number>`sum(${trainings.estimated_cost_usd})::float8`,
        })
        .from(trainings)
        .where(sql`${trainings.created_at} > now() - interval '24 hours'`)
        .groupBy(sql`1`);
      const sums = new Map(rows.map(({ charged, usd }) => [charged, usd]));
      for (const charged of [...chargedAnswers, 'open']) cost.set({ charged }, sums.get(charged) ?? 0);
    },
  });
}

/** Uploads of photo archives; an archive that a retry can reuse is uploaded once. */
export function uploadsCounter(registry: Registry): Counter {
  return counterIn(registry, {
    name: 'likeness_archive_uploads_total',
    help: 'Uploads of photo archives to fal, counted when they begin.',
    labels: {},
  });
}

export function submissionsCounter(registry: Registry): Counter<'outcome'> {
  return counterIn(registry, {
    name: 'likeness_submissions_total',
    help: 'Submissions to fal by outcome: accepted, blocked, submit_unknown, give_up.',
    labels: { outcome: ['accepted', 'blocked', 'submit_unknown', 'give_up'] },
  });
}
