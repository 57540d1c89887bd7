import { sql } from 'drizzle-orm';
import { Gauge } from 'prom-client';
import type { Context } from '../context.ts';
import type { Job } from './define.ts';

/** Adds how many jobs of each queue wait, run and have failed for good, and how long the oldest that is due has waited. */
export function registerJobMetrics({ db, metrics }: Pick<Context, 'db' | 'metrics'>, list: readonly Job[]): void {
  const registers = [metrics];
  const queues = list.filter(({ kind }) => kind === 'queued').map(({ name }) => name);
  const jobs = new Gauge({
    name: 'likeness_jobs',
    help: 'Jobs by queue and state: waiting, active, failed.',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      const { rows } = await db.execute<Row>(sql`
        select name as queue,
          count(*) filter (where state in ('created', 'retry'))::int as waiting,
          count(*) filter (where state = 'active')::int as active,
          count(*) filter (where state = 'failed')::int as failed,
          coalesce(extract(epoch from now() - min(start_after) filter (where state in ('created', 'retry'))), 0)::float8
            as oldest
        from pgboss.job where state in ('created', 'retry', 'active', 'failed') group by name
      `);
      const found = new Map(rows.map((row) => [row.queue, row]));
      for (const queue of queues) {
        const { waiting, active, failed, oldest } = found.get(queue) ?? none;
        jobs.set({ queue, state: 'waiting' }, waiting);
        jobs.set({ queue, state: 'active' }, active);
        jobs.set({ queue, state: 'failed' }, failed);
        // Jobs that are meant for later are not late.
        age.set({ queue }, Math.max(0, oldest));
      }
    },
  });
  const age = new Gauge({
    name: 'likeness_jobs_oldest_seconds',
    help: 'How long the job that has been due longest has waited, by queue.',
    labelNames: ['queue'],
    registers,
  });
}

type Row = { queue: string; waiting: number; active: number; failed: number; oldest: number };
const none = { waiting: 0, active: 0, failed: 0, oldest: 0 };
