import { sql } from 'drizzle-orm';
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { counterIn } from '../../platform/metrics/counter.ts';
import { chargedAnswers, providerCircuit, jobStatuses, trainings } from '../../platform/db/schema.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import { isUnfinished } from './store.ts';

/** A training whose check is overdue by this much is stuck: no worker runs, or none is fast enough. */
const stuckAfter = sql`interval '5 minutes'`;

export function registerTrainingMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  submissionsCounter(metrics);
  uploadsCounter(metrics);
  const registers = [metrics];
  const byStatus = new Gauge({
    name: 'likeness_trainings',
    help: 'Unfinished trainings by status.',
    labelNames: ['status'],
    registers,
  });
  sampler.add({
    gauges: [byStatus],
    async read(db) {
      const rows = await db
        .select({ status: trainings.status, count: sql<number>`count(*)::int` })
        .from(trainings)
        .where(isUnfinished)
        .groupBy(trainings.status);
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      for (const status of jobStatuses.filter((status) => !isTerminal(status)))
        byStatus.set({ status }, counts.get(status) ?? 0);
    },
  });
  const byTrouble = new Gauge({
    name: 'likeness_trainings_in_trouble',
    help: 'Trainings in trouble: blocked, with an unknown submission, waiting for an operator, or stuck.',
    labelNames: ['trouble'],
    registers,
  });
  sampler.add({
    gauges: [byTrouble],
    async read(db) {
      const [row] = await db
        .select({
          blocked: sql<number>`count(*) filter (where ${trainings.blocked_at} is not null)::int`,
          submit_unknown: sql<number>`count(*) filter (where ${trainings.submit_unknown_at} is not null)::int`,
          needs_attention: sql<number>`count(*) filter (where ${trainings.needs_attention_at} is not null)::int`,
          stuck: sql<number>`count(*) filter (where ${trainings.next_check_at} < now() - ${stuckAfter})::int`,
        })
        .from(trainings)
        .where(isUnfinished);
      for (const [trouble, count] of Object.entries(row ?? {})) byTrouble.set({ trouble }, count);
    },
  });
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
