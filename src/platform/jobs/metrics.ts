import { sql } from 'drizzle-orm';
import { Gauge, type Registry } from 'prom-client';
import type { Sampler } from '../metrics/sampler.ts';
import type { Job } from './define.ts';

export function registerJobMetrics(
  { metrics, sampler }: { metrics: Registry; sampler: Pick<Sampler, 'add'> },
  list: readonly Job[],
): void {
  const registers = [metrics];
  const queues = list.filter(({ kind }) => kind === 'queued').map(({ name }) => name);
  const jobs = new Gauge({
    name: 'likeness_jobs',
    help: 'Jobs by queue and state: waiting, active, failed. Active and failed jobs are counted by pg-boss every few seconds.',
    labelNames: ['queue', 'state'],
    registers,
  });
  const age = new Gauge({
    name: 'likeness_jobs_oldest_seconds',
    help: 'Age of the oldest due job by queue, in seconds.',
    labelNames: ['queue'],
    registers,
  });
  sampler.add({
    gauges: [jobs, age],
    async read(db) {
      // Waiting jobs are found by index. Finished jobs of several days make other counts expensive.
      const { rows } = await db.execute<Row>(sql`
        select queue.name, coalesce(waiting, 0) as waiting, active_count as active, failed_count as failed,
          coalesce(oldest, 0) as oldest
        from pgboss.queue left join (
          select name, count(*)::int as waiting, extract(epoch from now() - min(start_after))::float8 as oldest
          from pgboss.job where state < 'active' and not blocked group by name
        ) job using (name)
      `);
      const found = new Map(rows.map((row) => [row.name, row]));
      for (const queue of queues) {
        const { waiting, active, failed, oldest } = found.get(queue) ?? none;
        jobs.set({ queue, state: 'waiting' }, waiting);
        jobs.set({ queue, state: 'active' }, active);
        jobs.set({ queue, state: 'failed' }, failed);
        // Jobs scheduled for later are not late.
        age.set({ queue }, Math.max(0, oldest));
      }
    },
  });
}

type Row = { name: string; waiting: number; active: number; failed: number; oldest: number };
const none = { waiting: 0, active: 0, failed: 0, oldest: 0 };
