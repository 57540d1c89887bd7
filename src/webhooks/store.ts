import { asc, eq, isNull, sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { falWebhooks, installation } from '../db/schema.ts';

export type ReceivedWebhook = typeof falWebhooks.$inferSelect;
export type NewWebhook = Omit<typeof falWebhooks.$inferInsert, 'outcome' | 'outcome_detail' | 'drained_at'>;

/**
 * What draining a webhook came to.
 *
 * - `applied`: it moved its training.
 * - `repeated`: the training knew already, or had ended.
 * - `deferred`: it says nothing by itself; fal is asked for the result.
 * - `mismatched`: token and request id belong to different jobs. It moved nothing.
 * - `orphaned`: the training is no longer there.
 * - `quarantined`: nothing can be read from it, or what it says cannot be stored.
 */
export type WebhookOutcome = 'applied' | 'repeated' | 'deferred' | 'mismatched' | 'orphaned' | 'quarantined';

export async function insertWebhook(db: Db, webhook: NewWebhook): Promise<void> {
  await db.insert(falWebhooks).values({ ...webhook, outcome: null, outcome_detail: null, drained_at: null });
}

/** Locks the oldest webhook that nobody has drained or is draining. */
export async function lockUndrained(db: Db): Promise<ReceivedWebhook | undefined> {
  const [webhook] = await db
    .select()
    .from(falWebhooks)
    .where(isNull(falWebhooks.drained_at))
    .orderBy(asc(falWebhooks.id))
    .limit(1)
    .for('update', { skipLocked: true });
  return webhook;
}

export async function markDrained(db: Db, id: string, outcome: WebhookOutcome, detail: string | null): Promise<void> {
  await db
    .update(falWebhooks)
    .set({ outcome, outcome_detail: detail, drained_at: new Date() })
    .where(eq(falWebhooks.id, id));
}

/** @returns fal's id of our account as it was learned; null before the first webhook of ours */
export async function findFalUserId(db: Db): Promise<string | null> {
  const [row] = await db.select({ id: installation.fal_user_id }).from(installation);
  return row?.id ?? null;
}

/** Keeps fal's id of our account; the first one stays. */
export async function learnFalUserId(db: Db, userId: string): Promise<void> {
  await db.update(installation).set({ fal_user_id: userId }).where(sql`${installation.fal_user_id} is null`);
}
