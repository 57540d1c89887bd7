import { sql } from 'drizzle-orm';
import { fromDrizzle, type Job as WorkedJob, PgBoss } from 'pg-boss';
import type { Pool } from 'pg';
import type { Static, TSchema } from 'typebox';
import type { FastifyBaseLogger } from 'fastify';
import { topicOf } from '../../topics.ts';
import { inSpan, traceparent } from '../trace/trace.ts';
import { endsWithin } from '../async/timeout.ts';
import { isDeterministic } from '../db/faults.ts';
import type { Tx } from '../db/transact.ts';
import type { Job, JobSpec, QueuedJob } from './define.ts';
import { createFaultLog } from './fault-log.ts';
import { createRecurrence, type Recurrence } from './recurrence.ts';
import type { Wakeups } from './wakeups.ts';

type Listed<C> = QueuedJob<C, TSchema, never>;

export type EnqueueOptions = {
  /** Not before this time. */
  startAfter?: Date;
  priority?: number;
};

export type Jobs = {
  /** Adds a job in the caller's unit of work; workers are woken after its commit. */
  enqueue<T extends TSchema>(tx: Tx, job: JobSpec<T>, data: Static<T>, options?: EnqueueOptions): Promise<void>;
  /** Starts working on the listed jobs in this process. `context` is what they need of the app. */
  work<C>(context: C, list: readonly Job<C>[]): Promise<void>;
  /** Stops: no new job is taken, running jobs get `graceMs` milliseconds, unfinished ones return to the queue. */
  stop(graceMs: number): Promise<void>;
};

const heartbeatSeconds = 10;
// pg-boss's shortest interval. One worker of a queue polls; the others follow it or fill in while it is busy.
const shortestPollSeconds = 0.5;
const restingPollSeconds = 5;
// After the grace, time to return unfinished jobs to the queue; pg-boss needs a second at least.
const handBackMs = 1500;

/**
 * Jobs over pg-boss, on the service's own pool. Migrations create pg-boss's schema. A dead worker is noticed by its
 * missing heartbeat.
 */
export async function createJobs(options: {
  pool: Pool;
  wakeups: Wakeups;
  log: FastifyBaseLogger;
  list: readonly Job[];
  supervise: boolean;
  /** Polling interval; at least half a second. */
  checkIntervalMs: number;
}): Promise<Jobs> {
  const { pool, wakeups, log, list, supervise } = options;
  const pollSeconds = Math.max(shortestPollSeconds, options.checkIntervalMs / 1000);
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: 'pgboss',
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise,
    superviseIntervalSeconds: 2,
    // Supervision looks for missing heartbeats, once a minute by default.
    monitorIntervalSeconds: 4,
    monitorVacuum: false,
  });
  const tellFault = createFaultLog(log);
  boss.on('error', (error) => tellFault(error, 'the job queue failed for a moment'));
  boss.on('warning', (warning) => log.warn({ warning }, 'the job queue warns'));
  try {
    await boss.start();
    for (const job of list) if (job.kind === 'queued') await createQueue(boss, pool, job);
  } catch (error) {
    // Its timers would keep the process alive.
    await boss.stop({ graceful: false, close: false }).catch(() => undefined);
    throw error;
  }

  const recurrences: Recurrence[] = [];
  const unsubscribe: (() => void)[] = [];
  const stopping = new AbortController();

  async function workOn<C>(context: C, job: Listed<C>): Promise<void> {
    const idle = new Set<string>();
    // One is enough: a worker that finds a job wakes the next.
    const rouse = () => {
      const [id] = idle;
      if (id !== undefined) boss.notifyWorker(id);
    };
    for (let place = 0; place < job.concurrency; place += 1) {
      const id = await boss.work(
        job.name,
        {
          pollingIntervalSeconds: place === 0 ? pollSeconds : restingPollSeconds,
          heartbeatRefreshSeconds: heartbeatSeconds / 4,
        },
        async (batch) => {
          idle.delete(id);
          rouse();
          try {
            for (const one of batch) await run(context, job, one);
          } finally {
            idle.add(id);
            // pg-boss would otherwise wait for its next poll.
            boss.notifyWorker(id);
          }
        },
      );
      idle.add(id);
    }
    unsubscribe.push(wakeups.on(topicOf(job), rouse));
  }

  async function run<C>(context: C, job: Listed<C>, { id, data, signal }: WorkedJob<unknown>): Promise<void> {
    const aborted = AbortSignal.any([signal, stopping.signal]);
    // A third of the process's modules, not needed before the first job.
    const { default: Value } = await import('typebox/value');
    if (!Value.Check(job.data, data)) {
      log.error({ job: job.name, job_id: id }, 'a job has invalid data and is skipped');
      return;
    }
    // Of the type that its own handlers take: this is the form that it declares.
    const parsed = Value.Parse(job.data, data) as never;
    try {
      await inSpan(job.name, { kind: 'consumer', parent: originOf(data), attributes: { 'job.id': id } }, () =>
        job.run(context, parsed, aborted),
      );
    } catch (error) {
      const about = { err: error, job: job.name, job_id: id, data };
      if (isDeterministic(error)) {
        log.error(about, 'a job can never succeed with its data, and fails');
        return job.giveUp?.(context, parsed);
      }
      log.error(about, 'a job failed and is retried later');
      // The queue stores the error, and a failed statement carries personal data.
      // oxlint-disable-next-line preserve-caught-error -- the cause would be kept too
      throw new Error(`${job.name} failed: see the log`);
    }
  }

  return {
    async enqueue(tx, job, data, { startAfter, priority = 0 } = {}) {
      // The trace travels beside the job's data.
      const origin = traceparent();
      await boss.send(
        job.name,
        { ...(data as object), ...(origin !== null && { traceparent: origin }) },
        {
          db: fromDrizzle(tx, sql),
          priority,
          ...(startAfter && { startAfter }),
          ...(job.key && { singletonKey: job.key(data) }),
        },
      );
      if (!startAfter) tx.wake(topicOf(job));
    },
    async work(context, jobs) {
      for (const job of jobs) {
        if (job.kind === 'queued') await workOn(context, job);
        else recurrences.push(createRecurrence(context, job, { wakeups, stopping: stopping.signal, tellFault }));
      }
    },
    async stop(graceMs) {
      for (const end of unsubscribe) end();
      const deadline = Date.now() + graceMs;
      const forced = setTimeout(() => stopping.abort(new Error('the process is stopping')), graceMs);
      const ended = (async () => {
        // pg-boss's own wait polls every half second.
        const workers = list.flatMap((job) => (job.kind === 'queued' ? [boss.offWork(job.name)] : []));
        await Promise.all([
          endsWithin(graceMs, Promise.all(workers)),
          ...recurrences.map((recurrence) => recurrence.stop()),
        ]);
        await boss.stop({ graceful: true, timeout: deadline - Date.now(), close: false });
      })().catch((error: unknown) => log.warn({ err: error }, 'the job queue did not stop cleanly'));
      // A silent database answers neither jobs nor queue; their statements end with the pool.
      await endsWithin(graceMs + handBackMs, ended);
      clearTimeout(forced);
      stopping.abort();
    },
  };
}

function originOf(data: unknown): string | null {
  const { traceparent: origin } = (data ?? {}) as { traceparent?: unknown };
  return typeof origin === 'string' ? origin : null;
}

async function createQueue(boss: PgBoss, pool: Pool, job: Listed<never>): Promise<void> {
  const options = {
    retryLimit: job.retryLimit,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: job.retryDelayMaxSeconds,
    expireInSeconds: job.expireInSeconds,
    heartbeatSeconds,
  };
  const policy = job.key ? 'exclusive' : 'standard';
  await boss.createQueue(job.name, { ...options, policy });
  await boss.updateQueue(job.name, options);
  // pg-boss does not update this option of an existing queue; it holds for jobs enqueued from now on.
  await pool.query('update pgboss.queue set policy = $2 where name = $1 and policy <> $2', [job.name, policy]);
}
