import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../../config.ts';
import { advisoryLocks, takeAdvisoryLock } from '../../platform/db/advisory-lock.ts';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { trainings } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { sentToday } from '../../fal-jobs/dispatch.ts';
import { refuseBlocked } from '../../platform/http/caller.ts';
import { lockOwner } from '../users/store.ts';

/** Seconds; a guess, since free places depend on fal. */
const retryAfter = '60';

/**
 * Refuses a training beyond the queue's limits. To be called last before the insert: it locks the owner, so that
 * concurrent requests cannot exceed a limit.
 * @throws Problem 429 `queue-full`, `submission-limit-reached`; nothing was sent to fal, and nothing is charged
 */
export async function refuseBeyondQueue(tx: Tx, { limits }: Pick<Config, 'limits'>, userId: string): Promise<void> {
  refuseBlocked(await lockOwner(tx, userId));
  await refuseBeyondDay(tx, limits.submissionsPerUserPerDay, userId);
  const isQueued = eq(trainings.status, 'queued');
  const own = await tx.$count(trainings, and(isQueued, eq(trainings.user_id, userId)));
  if (own >= limits.queuedTrainingsPerUser) {
    throw full(`${own} trainings of this user wait for their turn, and no more may`, limits.queuedTrainingsPerUser);
  }
  noteLocks(tx, 'queue');
  await takeAdvisoryLock(tx, advisoryLocks.queue);
  const all = await tx.$count(trainings, isQueued);
  if (all >= limits.queuedTrainings) throw full(`${all} trainings wait, and no more may`, limits.queuedTrainings);
}

// Queued trainings count too, since they will be sent.
async function refuseBeyondDay(tx: Db, maximum: number, userId: string): Promise<void> {
  const { rows } = await tx.execute<{ count: number; seconds: number | null }>(sql`
    select count(*)::int as count,
      ceil(extract(epoch from min(submitted_at) filter (where ${sentToday}) + interval '24 hours' - now()))::int as seconds
    from trainings
    where user_id = ${userId}::uuid and ((${sentToday}) or status in ('queued', 'preparing'))
  `);
  const { count = 0, seconds } = rows[0] ?? {};
  if (count < maximum) return;
  throw new Problem(
    'submission-limit-reached',
    `${count} trainings of this user were sent to fal in the last 24 hours or wait to be, and no more than ${maximum} may: ` +
      'nothing was started and nothing is charged. Try again when the oldest of them is a day old.',
    { headers: { 'retry-after': String(Math.max(1, seconds ?? 3600)) }, extensions: { maximum } },
  );
}

function full(what: string, maximum: number): Problem {
  return new Problem('queue-full', `${what}: nothing was started and nothing is charged. Try again later.`, {
    headers: { 'retry-after': retryAfter },
    extensions: { maximum },
  });
}
