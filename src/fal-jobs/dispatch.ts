import { asc, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { advisoryLocks, tryAdvisoryLock } from '../platform/db/advisory-lock.ts';
import { savepoint, transact, type Tx } from '../platform/db/transact.ts';
import { trainings, users } from '../platform/db/schema.ts';
import { defineRecurringJob } from '../platform/jobs/define.ts';
import { topics } from '../topics.ts';
import { inSpan } from '../platform/trace/trace.ts';
import { advanceIn } from './advance.ts';
import { type Circuit, readCircuit, takeProbe } from './circuit.ts';
import { type BlockedReason, errorOf } from './failures.ts';
import { outageGapMs } from './backoff.ts';
import { lockTrainings } from '../features/trainings/store.ts';
import { sentToday } from '../features/trainings/queue-room.ts';
import type { Signal } from './signals.ts';

const batch = 50;

/**
 * Lets queued trainings in, one dispatcher at a time: as many as the caps leave room for, high priority first, taking
 * turns between users, oldest first. While fal lets none in, all wait and one at a time tries.
 */
export const dispatchTrainingsJob = defineRecurringJob({
  name: 'training.dispatch',
  topic: topics.trainingDispatch,
  everyMs: (config) => config.training.checkIntervalMs,
  async run(context) {
    return (await dispatchTrainings(context)) === batch;
  },
});

type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'wakeups'>;

/** @returns how many trainings were moved; 0 as well when another worker is at it */
export async function dispatchTrainings(context: Needs): Promise<number> {
  return transact(context, async (tx) => {
    if (!(await tryAdvisoryLock(tx, advisoryLocks.dispatch))) return 0;
    const circuit = await readCircuit(tx);
    return circuit.reason === null ? letIn(tx, context, batch) : hold(tx, context, circuit);
  });
}

async function letIn(tx: Tx, context: Needs, limit: number): Promise<number> {
  const next = await findNext(tx, context.config, limit);
  // In the order of the locks, and not in that of the turns.
  await lockTrainings(
    tx,
    next.map(({ id }) => id),
  );
  for (const { id, traceparent } of next) {
    const span = { parent: traceparent, attributes: { 'likeness.training_id': id } };
    await inSpan('training.dispatch', span, () => moveOn(tx, context, id, { kind: 'prepare' }));
  }
  return next.length;
}

// One that can't be moved for what its row holds must not keep the others from their turns.
async function moveOn(tx: Tx, context: Needs, id: string, signal: Signal): Promise<void> {
  try {
    await savepoint(tx, (part) => advanceIn(part, context, id, signal));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    context.log.error({ err: error, training_id: id }, 'a training can not be moved and is given up');
    const reason = { reason: 'The database does not take the training.' };
    const giveUp = { error: errorOf('preparation-failed', reason, null), charged: 'no', from: 'queued' } as const;
    await savepoint(tx, (part) => advanceIn(part, context, id, { kind: 'give_up', ...giveUp }));
  }
}

// The one whose turn it is tries; the others are told why they wait.
async function hold(tx: Tx, context: Needs, circuit: Circuit): Promise<number> {
  const { blockedRetryMs } = context.config.training;
  if (circuit.probe_at && circuit.probe_at.getTime() <= Date.now()) {
    const tried = await letIn(tx, context, 1);
    if (tried > 0) await takeProbe(tx, new Date(Date.now() + blockedRetryMs));
    return tried;
  }
  const waiting = await tx
    .select({ id: trainings.id })
    .from(trainings)
    .where(sql`${trainings.status} = 'queued' and ${trainings.blocked_at} is null`)
    .orderBy(asc(trainings.created_at), asc(trainings.id))
    .limit(batch);
  await lockTrainings(
    tx,
    waiting.map(({ id }) => id),
  );
  for (const { id } of waiting) {
    await moveOn(tx, context, id, { kind: 'blocked', reason: circuit.reason as BlockedReason, from: 'queued' });
  }
  return waiting.length;
}

/**
 * The next to be let in. A user's trainings take turns with those of others: the second of one goes behind the first of
 * everybody else, and none goes beyond the user's caps, of what runs and of what is sent in a day; a blocked user's wait. A submission that waits for a person takes no room. One that
 * could not reach fal a moment ago waits a while: when others can, nothing else would hold it back.
 */
async function findNext(
  tx: Tx,
  { training: { maxRunning, maxRunningPerUser, blockedRetryMs }, limits }: Context['config'],
  limit: number,
): Promise<{ id: string; traceparent: string | null }[]> {
  const isRunning: SQL = sql`status in ('preparing', 'submitting', 'in_queue', 'in_progress') and needs_attention_at is null`;
  const { rows } = await tx.execute<{ id: string; traceparent: string | null }>(sql`
    with running as (
      select user_id, count(*)::int as running from ${trainings} where ${isRunning} group by user_id
    ), sent as (
      select user_id, count(*)::int as sent from ${trainings}
      where (${sentToday}) or status = 'preparing' group by user_id
    ), queued as (
      select trainings.id, trainings.created_at, traceparent, fal_priority = 'high' as is_high, coalesce(sent, 0) as sent,
        coalesce(running, 0) as running,
        row_number() over (partition by user_id order by fal_priority = 'high' desc, trainings.created_at, trainings.id) as place
      from ${trainings} left join running using (user_id) left join sent using (user_id)
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
