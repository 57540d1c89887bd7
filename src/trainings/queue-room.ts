import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import { trainings } from '../db/schema.ts';
import { Problem } from '../errors.ts';
import { lockOwner } from '../users/store.ts';

/** When a place may be free again, in seconds: a guess, since that is up to fal. */
const retryAfter = '60';

/**
 * Refuses a training that the queue has no room for. Call it last before the insert: until the transaction ends nobody
 * else gets a place, so that neither limit is ever exceeded.
 * @param userId whose training it would be
 * @throws Problem 429 `queue-full`; nothing was sent to fal, and nothing is charged
 */
export async function refuseBeyondQueue(tx: Db, { limits }: Pick<Config, 'limits'>, userId: string): Promise<void> {
  // In this order everywhere: the avatar, its user, the queue.
  await lockOwner(tx, userId);
  const isQueued = eq(trainings.status, 'queued');
  const own = await tx.$count(trainings, and(isQueued, eq(trainings.user_id, userId)));
  if (own >= limits.queuedTrainingsPerUser) {
    throw full(`${own} trainings of this user wait for their turn, and no more may`, limits.queuedTrainingsPerUser);
  }
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('likeness:queue', 0))`);
  const all = await tx.$count(trainings, isQueued);
  if (all >= limits.queuedTrainings) throw full(`${all} trainings wait, and no more may`, limits.queuedTrainings);
}

function full(what: string, maximum: number): Problem {
  return new Problem('queue-full', `${what}: nothing was started and nothing is charged. Try again later.`, {
    headers: { 'retry-after': retryAfter },
    extensions: { maximum },
  });
}
