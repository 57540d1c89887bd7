import { asc, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.ts';
import { advisoryLocks, tryAdvisoryLock } from '../platform/db/advisory-lock.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { savepoint, transact, type Tx } from '../platform/db/transact.ts';
import { users } from '../platform/db/schema.ts';
import { defineRecurringJob, type RecurringJob } from '../platform/jobs/define.ts';
import { inSpan } from '../platform/trace/trace.ts';
import { advanceIn } from './advance.ts';
import { type Circuit, readCircuit, takeProbe } from './circuit.ts';
import type { BlockedReason } from './failures.ts';
import { unprepared } from './fal-signals.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';
import { outageGapMs } from './backoff.ts';
import type { Signal } from './signals.ts';

const batch = 50;

/** SQL: the job was sent to fal in the last 24 hours, whatever its outcome. Also used by limits of a kind. */
export const sentToday = sql`submitted_at > now() - interval '24 hours' and status not in ('queued', 'preparing')`;

/**
 * Dispatches queued jobs within the caps, one dispatcher at a time: high priority first, round robin between users,
 * oldest first. While the circuit is open, one at a time probes.
 */
export function dispatchJobOf<Row extends JobRow>(kind: JobKind<Row>): RecurringJob<Context> {
  return defineRecurringJob({
    name: `${kind.name}.dispatch`,
    topic: kind.topics.dispatch,
    everyMs: ({ config }) => config.training.checkIntervalMs,
    async run(context) {
      return (await dispatchJobs(context, kind)) === batch;
    },
  });
}

type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'wakeups'>;

/** @returns how many jobs were moved; 0 also while another worker dispatches */
export async function dispatchJobs<Row extends JobRow>(context: Needs, kind: JobKind<Row>): Promise<number> {
  return transact(context, async (tx) => {
    if (!(await tryAdvisoryLock(tx, advisoryLocks.dispatch))) return 0;
    const circuit = await readCircuit(tx);
    return circuit.reason === null ? letIn(tx, context, kind, batch) : hold(tx, context, kind, circuit);
  });
}

async function letIn<Row extends JobRow>(tx: Tx, context: Needs, kind: JobKind<Row>, limit: number): Promise<number> {
  const next = await findNext(tx, context.config, kind, limit);
  // In lock order, not in dispatch order.
  await lockAll(tx, kind, next);
  for (const { id, traceparent } of next) {
    const span = { parent: traceparent, attributes: { [`likeness.${kind.name}_id`]: id } };
    await inSpan(`${kind.name}.dispatch`, span, () => moveOn(tx, context, kind, id, { kind: 'prepare' }));
  }
  return next.length;
}

async function lockAll<Row extends JobRow>(tx: Tx, { store }: JobKind<Row>, jobs: { id: string }[]): Promise<void> {
  const ids = jobs.map(({ id }) => id);
  await store.lock(tx, ids, ids);
}

// A row that cannot be advanced must not block the others.
async function moveOn<Row extends JobRow>(
  tx: Tx,
  context: Needs,
  kind: JobKind<Row>,
  id: string,
  signal: Signal,
): Promise<void> {
  try {
    await savepoint(tx, (part) => advanceIn(part, context, kind, [{ id, signal }]));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    context.log.error({ err: error, ...idOf(kind, id) }, `a ${kind.name} cannot be advanced and fails`);
    const giveUp = unprepared(kind.failures, `The database rejects the ${kind.name}.`, 'queued');
    await savepoint(tx, (part) => advanceIn(part, context, kind, [{ id, signal: giveUp }]));
  }
}

// The next in turn probes; the others record why they wait.
async function hold<Row extends JobRow>(tx: Tx, context: Needs, kind: JobKind<Row>, circuit: Circuit): Promise<number> {
  const { blockedRetryMs } = context.config.training;
  if (circuit.probe_at && circuit.probe_at.getTime() <= Date.now()) {
    const tried = await letIn(tx, context, kind, 1);
    if (tried > 0) await takeProbe(tx, new Date(Date.now() + blockedRetryMs));
    return tried;
  }
  const { table } = kind.store;
  const waiting = await tx
    .select({ id: table.id })
    .from(table)
    .where(sql`${table.status} = 'queued' and ${table.blocked_at} is null`)
    .orderBy(asc(table.created_at), asc(table.id))
    .limit(batch);
  await lockAll(tx, kind, waiting);
  for (const { id } of waiting) {
    await moveOn(tx, context, kind, id, { kind: 'blocked', reason: circuit.reason as BlockedReason, from: 'queued' });
  }
  return waiting.length;
}

/**
 * The next jobs to dispatch. Users take turns: a user's second job comes after everyone's first, and none exceeds the
 * user's caps of running and daily jobs; those of blocked users wait. Submissions that need attention occupy no place.
 * A job that could not reach fal a moment ago waits, since nothing else may hold it back.
 */
async function findNext(
  tx: Tx,
  { training: { maxRunning, maxRunningPerUser, blockedRetryMs }, limits }: Context['config'],
  { store: { table } }: Pick<JobKind, 'store'>,
  limit: number,
): Promise<{ id: string; traceparent: string | null }[]> {
  const isRunning: SQL = sql`status in ('preparing', 'submitting', 'in_queue', 'in_progress') and needs_attention_at is null`;
  const { rows } = await tx.execute<{ id: string; traceparent: string | null }>(sql`
    with running as (
      select user_id, count(*)::int as running from ${table} where ${isRunning} group by user_id
    ), sent as (
      select user_id, count(*)::int as sent from ${table}
      where (${sentToday}) or status = 'preparing' group by user_id
    ), queued as (
      select job.id, job.created_at, traceparent, fal_priority = 'high' as is_high, coalesce(sent, 0) as sent,
        coalesce(running, 0) as running,
        row_number() over (partition by user_id order by fal_priority = 'high' desc, job.created_at, job.id) as place
      from ${table} as job left join running using (user_id) left join sent using (user_id)
        left join ${users} on users.id = user_id
      where is_blocked is not true and status = 'queued' and (
        blocked_reason is null or blocked_reason not in ('provider-unavailable', 'storage-unavailable')
        or blocked_at <= now() - ${outageGapMs(blockedRetryMs)} * interval '1 millisecond'
      )
    )
    select id, traceparent from queued
    where running + place <= ${maxRunningPerUser} and sent + place <= ${limits.submissionsPerUserPerDay}
    order by is_high desc, running + place, created_at, id
    limit greatest(0, least(${limit}, ${maxRunning} - (select coalesce(sum(running), 0)::int from running)))
  `);
  return rows;
}
