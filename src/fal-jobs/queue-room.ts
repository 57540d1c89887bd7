import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../config.ts';
import { Problem } from '../errors.ts';
import { advisoryLocks, takeAdvisoryLock } from '../platform/db/advisory-lock.ts';
import type { Db } from '../platform/db/client.ts';
import { noteLocks } from '../platform/db/lock-order.ts';
import type { Tx } from '../platform/db/transact.ts';
import type { JobKind } from './kind.ts';
import { ofEachTable, sentToday } from './places.ts';
import { jobTables } from './table.ts';

/** Seconds; a guess, since free places depend on fal. */
const retryAfter = '60';

/**
 * Refuses jobs beyond the limits of the queue. To be called last before the insert, with the owner locked, so that
 * concurrent requests cannot exceed a limit.
 * @param wanted how many are to be inserted: all or none
 * @throws Problem 429 `queue-full`, `submission-limit-reached`; nothing was sent to fal, and nothing is charged
 */
export async function refuseBeyondQueue(
  tx: Tx,
  config: Pick<Config, 'training' | 'generation' | 'fal' | 'limits'>,
  kind: Pick<JobKind, 'name' | 'room'>,
  userId: string,
  wanted = 1,
): Promise<void> {
  const { name } = kind;
  const room = kind.room(config);
  const table = jobTables[name];
  await refuseBeyondDay(tx, config.limits.submissionsPerUserPerDay, userId, wanted);
  const isQueued = eq(table.status, 'queued');
  const own = await tx.$count(table, and(isQueued, eq(table.user_id, userId)));
  if (own + wanted > room.queuedPerUser) {
    throw full(`${own} ${name}s of this user wait for their turn`, wanted, room.queuedPerUser);
  }
  noteLocks(tx, 'queue');
  await takeAdvisoryLock(tx, advisoryLocks.queue);
  const all = await tx.$count(table, isQueued);
  if (all + wanted > room.queued) throw full(`${all} ${name}s wait`, wanted, room.queued);
}

// Queued jobs count too, since they will be sent.
async function refuseBeyondDay(tx: Db, maximum: number, userId: string, wanted: number): Promise<void> {
  const { rows } = await tx.execute<{ count: number; seconds: number | null }>(sql`
    select count(*)::int as count,
      ceil(extract(epoch from min(sent_at) + interval '24 hours' - now()))::int as seconds
    from (${ofEachTable(
      (table) => sql`
        select submitted_at as sent_at from ${table} where user_id = ${userId}::uuid and (${sentToday})
        union all select null from ${table} where user_id = ${userId}::uuid and status in ('queued', 'preparing')`,
    )}) as job
  `);
  const { count = 0, seconds } = rows[0] ?? {};
  if (count + wanted <= maximum) return;
  throw new Problem(
    'submission-limit-reached',
    `${count} trainings and generations of this user were sent to fal in the last 24 hours or wait to be${added(wanted)}, ` +
      `and no more than ${maximum} may: nothing was started and nothing is charged. ` +
      (wanted > maximum ? fewer : 'Try again when the oldest of them is a day old.'),
    { headers: { 'retry-after': String(Math.max(1, seconds ?? 3600)) }, extensions: { maximum } },
  );
}

// What is larger than the limit never fits, however often it is tried.
const fewer = 'Ask for fewer at once.';

function added(wanted: number): string {
  return wanted === 1 ? '' : `, ${wanted} more are asked for`;
}

function full(what: string, wanted: number, maximum: number): Problem {
  const advice = wanted > maximum ? fewer : 'Try again later.';
  const sentence = `${what}${added(wanted)}, and no more than ${maximum} may: nothing was started and nothing is charged.`;
  return new Problem('queue-full', `${sentence} ${advice}`, {
    headers: { 'retry-after': retryAfter },
    extensions: { maximum },
  });
}
