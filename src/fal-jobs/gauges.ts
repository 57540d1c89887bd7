import { notInArray, sql } from 'drizzle-orm';
import { Gauge } from 'prom-client';
import type { Context } from '../context.ts';
import { jobStatuses, terminalJobStatuses } from '../platform/db/schema.ts';
import type { KindName } from './follow-ups.ts';
import { isTerminal } from './lifecycle.ts';
import { jobTables } from './table.ts';

/** A job whose check is overdue by this much is stuck: no worker runs, or none is fast enough. */
const stuckAfter = sql`interval '5 minutes'`;

/**
 * Registers the gauges of a kind of paid job: `likeness_trainings` and `likeness_trainings_in_trouble`, for generations
 * alike.
 */
export function registerJobGauges({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>, kind: KindName): void {
  const table = jobTables[kind];
  const isUnfinished = notInArray(table.status, [...terminalJobStatuses]);
  const byStatus = new Gauge({
    name: `likeness_${kind}s`,
    help: `Unfinished ${kind}s by status.`,
    labelNames: ['status'],
    registers: [metrics],
  });
  sampler.add({
    gauges: [byStatus],
    async read(db) {
      const rows = await db
        .select({ status: table.status, count: sql<number>`count(*)::int` })
        .from(table)
        .where(isUnfinished)
        .groupBy(table.status);
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      for (const status of jobStatuses.filter((each) => !isTerminal(each)))
        byStatus.set({ status }, counts.get(status) ?? 0);
    },
  });
  const name = kind === 'training' ? 'Trainings' : 'Generations';
  const byTrouble = new Gauge({
    name: `likeness_${kind}s_in_trouble`,
    help: `${name} in trouble: blocked, with an unknown submission, waiting for an operator, or stuck.`,
    labelNames: ['trouble'],
    registers: [metrics],
  });
  sampler.add({
    gauges: [byTrouble],
    async read(db) {
      const [row] = await db
        .select({
          blocked: sql<number>`count(*) filter (where ${table.blocked_at} is not null)::int`,
          submit_unknown: sql<number>`count(*) filter (where ${table.submit_unknown_at} is not null)::int`,
          needs_attention: sql<number>`count(*) filter (where ${table.needs_attention_at} is not null)::int`,
          stuck: sql<number>`count(*) filter (where ${table.next_check_at} < now() - ${stuckAfter})::int`,
        })
        .from(table)
        .where(isUnfinished);
      for (const [trouble, count] of Object.entries(row ?? {})) byTrouble.set({ trouble }, count);
    },
  });
}
