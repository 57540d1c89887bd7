import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Pool } from 'pg';
import type { WebhookOutcome } from '../../fal-jobs/apply-webhook.ts';
import type { KindName } from '../../fal-jobs/follow-ups.ts';
import type { Submission } from '../../fal-jobs/token.ts';
import type { Db } from '../../platform/db/client.ts';
import { falWebhooks, installation } from '../../platform/db/schema.ts';

export type ReceivedWebhook = typeof falWebhooks.$inferSelect;
export type NewWebhook = Omit<ReceivedWebhook, 'outcome' | 'outcome_detail' | 'drained_at' | 'tries' | 'next_try_at'>;

// All rows as one JSON text and all bodies as one bytea: arrays of bytea are sent as hex, twice the size.
const insertText = `
  insert into fal_webhooks
    (id, received_at, request_id, training_id, generation_id, submission_id, headers, body, outcome, outcome_detail,
      drained_at)
  select id, received_at, fal_request_id, training_id, generation_id, submission_id, headers,
    substring($2::bytea from at for length), null, null, null
  from jsonb_to_recordset($1::jsonb) as webhook (
    id uuid, received_at timestamptz, fal_request_id text, training_id uuid, generation_id uuid, submission_id uuid,
    headers jsonb, at integer, length integer
  )`;

/** Writes webhooks by one statement, which is one transaction and one flush to disk. */
export async function insertWebhooks(pool: Pool, webhooks: readonly NewWebhook[]): Promise<void> {
  // PostgreSQL counts bytes from 1.
  let next = 1;
  const rows = webhooks.map(({ body, ...row }) => {
    const at = next;
    next += body.length;
    return { ...row, at, length: body.length };
  });
  const bodies = Buffer.concat(webhooks.map(({ body }) => body));
  await pool.query({ name: 'insert webhooks', text: insertText, values: [JSON.stringify(rows), bodies] });
}

/** @returns the job that a webhook is about, and its kind; none of `kinds` when the kind is not known here */
export function jobOf<Kind extends { name: KindName }>(
  { training_id, generation_id }: Pick<ReceivedWebhook, 'training_id' | 'generation_id'>,
  kinds: readonly Kind[],
): { kind: Kind | undefined; jobId: string } {
  const name: KindName = training_id === null ? 'generation' : 'training';
  return { kind: kinds.find((kind) => kind.name === name), jobId: training_id ?? generation_id ?? '' };
}

/** @returns the columns that name the job of a submission */
export function columnsOf({ kind, jobId }: Submission): Pick<NewWebhook, 'training_id' | 'generation_id'> {
  return { training_id: kind === 'training' ? jobId : null, generation_id: kind === 'generation' ? jobId : null };
}

/** Locks the oldest webhook that is not drained, not being drained elsewhere, and due. */
export async function lockUndrained(db: Db): Promise<ReceivedWebhook | undefined> {
  const isDue = sql`coalesce(${falWebhooks.next_try_at} <= now(), true)`;
  const [webhook] = await db
    .select()
    .from(falWebhooks)
    .where(and(isNull(falWebhooks.drained_at), isDue))
    .orderBy(asc(falWebhooks.id))
    .limit(1)
    .for('update', { skipLocked: true });
  return webhook;
}

const longestGapMs = 30_000;

/**
 * Records that the database could not apply a webhook for now, and when it is due again.
 * @param firstGapMs milliseconds until the second try; the gap doubles up to half a minute
 * @returns the number of failed tries, by any process
 */
export async function noteFailedTry(db: Db, id: string, firstGapMs: number): Promise<number> {
  const gapMs = sql`least(${firstGapMs}::double precision * 2 ^ least(${falWebhooks.tries}, 30), ${longestGapMs})`;
  const [row] = await db
    .update(falWebhooks)
    .set({
      tries: sql`${falWebhooks.tries} + 1`,
      next_try_at: sql`now() + ${gapMs} * interval '1 millisecond'`,
    })
    .where(and(eq(falWebhooks.id, id), isNull(falWebhooks.drained_at)))
    .returning({ tries: falWebhooks.tries });
  return row?.tries ?? 0;
}

/** Records the outcome of a webhook. Its body is kept while the avatar of its job exists. */
export async function markDrained(db: Db, id: string, outcome: WebhookOutcome, detail: string | null): Promise<void> {
  // Waits for a concurrent deletion, and sees its result.
  const isOwned = sql`exists (
    select from avatars where id = coalesce(
      (select avatar_id from trainings where trainings.id = ${falWebhooks.training_id}),
      (select avatar_id from generations where generations.id = ${falWebhooks.generation_id})
    ) for key share
  )`;
  await db
    .update(falWebhooks)
    .set({
      outcome,
      outcome_detail: detail,
      drained_at: new Date(),
      body: sql`case when ${isOwned} then ${falWebhooks.body} else ''::bytea end`,
    })
    .where(and(eq(falWebhooks.id, id), isNull(falWebhooks.drained_at)));
}

/** fal's id of our account; null before our first webhook. */
export async function findFalUserId(db: Db): Promise<string | null> {
  const [row] = await db.select({ id: installation.fal_user_id }).from(installation);
  return row?.id ?? null;
}

/** Stores fal's id of our account; the first one stays. */
export async function learnFalUserId(db: Db, userId: string): Promise<void> {
  await db.update(installation).set({ fal_user_id: userId }).where(sql`${installation.fal_user_id} is null`);
}
