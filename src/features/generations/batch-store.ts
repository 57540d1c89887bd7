import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import { batches, generationImages, generations, jobStatuses, type JobStatus } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import { isUnfinished } from './store.ts';

export type Batch = typeof batches.$inferSelect;

/** What has become of the generations of a batch: their number by status, their images, and their cost in USD. */
export type Outcome = {
  generations: Record<JobStatus, number>;
  images: { ok: number; flagged: number; lost: number };
  charged_cost_usd: number;
  uncertain_cost_usd: number;
};

export async function insertBatch(db: Db, batch: Batch): Promise<Batch> {
  const [row] = await db.insert(batches).values(batch).returning();
  if (!row) throw new Error('insert … returning gave no row');
  return row;
}

/** @returns undefined when there is no such batch, or it is another user's */
export async function findBatch(db: Db, id: string, { userId }: Reach = {}): Promise<Batch | undefined> {
  const [row] = await db
    .select()
    .from(batches)
    .where(and(eq(batches.id, id), userId ? eq(batches.user_id, userId) : undefined));
  return row;
}

/** Locks a batch until the transaction ends. Its generations are locked before it. */
export async function lockBatch(tx: Tx, id: string): Promise<Batch | undefined> {
  noteLocks(tx, 'batch', [id]);
  const [row] = await tx.select().from(batches).where(eq(batches.id, id)).for('no key update');
  return row;
}

export async function updateBatch(db: Db, id: string, changes: Partial<Batch>): Promise<Batch> {
  const [row] = await db
    .update(batches)
    .set({ ...changes, updated_at: new Date() })
    .where(eq(batches.id, id))
    .returning();
  if (!row) throw new Error(`the batch ${id} is gone, and batches are never deleted`);
  return row;
}

export async function findUnfinishedOf(db: Db, batchId: string): Promise<string[]> {
  const rows = await db
    .select({ id: generations.id })
    .from(generations)
    .where(and(eq(generations.batch_id, batchId), isUnfinished))
    .orderBy(generations.id);
  return rows.map(({ id }) => id);
}

/** The outcome of each batch, by its id. */
export async function outcomesOf(db: Db, ids: readonly string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map(ids.map((id) => [id, emptyOutcome()]));
  if (ids.length === 0) return outcomes;
  const isTheirs = (column: SQL) => sql`${column} = any(${sql.param([...ids])}::uuid[])`;
  const { rows } = await db.execute<ByStatus>(sql`
    select batch_id, status, count(*)::int as count, sum(images_ok)::int as ok,
      -- Of a generation that failed there are no rows of images.
      coalesce(sum(num_images) filter (where error ->> 'code' = 'all-images-flagged'), 0)::int as flagged,
      coalesce(sum(num_images) filter (
        where error ->> 'code' in ('image-invalid', 'image-unavailable', 'result-expired')
      ), 0)::int as lost,
      coalesce(sum(estimated_cost_usd) filter (where charged = 'yes'), 0)::float8 as charged,
      coalesce(sum(estimated_cost_usd) filter (where charged = 'unknown'), 0)::float8 as uncertain
    from ${generations} where ${isTheirs(sql`batch_id`)} group by batch_id, status
  `);
  for (const row of rows) add(outcomes.get(row.batch_id), row);
  const images = await db.execute<{ batch_id: string; status: 'flagged' | 'lost'; count: number }>(sql`
    select generation.batch_id, image.status, count(*)::int as count
    from ${generationImages} as image join ${generations} as generation on generation.id = image.generation_id
    where ${isTheirs(sql`generation.batch_id`)} and image.status <> 'ok'
    group by generation.batch_id, image.status
  `);
  for (const { batch_id, status, count } of images.rows) {
    const outcome = outcomes.get(batch_id);
    if (outcome) outcome.images[status] += count;
  }
  return outcomes;
}

type ByStatus = {
  batch_id: string;
  status: JobStatus;
  count: number;
  ok: number;
  flagged: number;
  lost: number;
  charged: number;
  uncertain: number;
};

function emptyOutcome(): Outcome {
  const none = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Outcome['generations'];
  return { generations: none, images: { ok: 0, flagged: 0, lost: 0 }, charged_cost_usd: 0, uncertain_cost_usd: 0 };
}

function add(outcome: Outcome | undefined, row: ByStatus): void {
  if (!outcome) return;
  const { images } = outcome;
  outcome.generations[row.status] += row.count;
  images.ok += row.ok;
  images.flagged += row.flagged;
  images.lost += row.lost;
  outcome.charged_cost_usd = millionths(outcome.charged_cost_usd + row.charged);
  outcome.uncertain_cost_usd = millionths(outcome.uncertain_cost_usd + row.uncertain);
}

export function millionths(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

export type BatchFilter = { user_id?: string | undefined; avatar_id?: string | undefined };

/** Lists batches, newest first. @throws Problem 400 `invalid-cursor` */
export async function listBatches(
  context: Pick<Context, 'db' | 'installation'>,
  { user_id, avatar_id }: BatchFilter,
  asked: Asked,
  { userId }: Reach = {},
): Promise<Page<Batch>> {
  const { db } = context;
  const wanted = and(
    user_id ? eq(batches.user_id, user_id) : undefined,
    avatar_id ? eq(batches.avatar_id, avatar_id) : undefined,
    userId ? eq(batches.user_id, userId) : undefined,
  );
  const page = await readPage(context, asked, {
    name: `batches ${JSON.stringify({ user_id, avatar_id })}`,
    read: (after, limit) =>
      db
        .select({ batch: batches, createdAt: sql<string>`${batches.created_at}::text` })
        .from(batches)
        .where(
          and(
            wanted,
            after
              ? sql`(${batches.created_at}, ${batches.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(batches.created_at), desc(batches.id))
        .limit(limit),
    position: ({ createdAt, batch }) => [createdAt, batch.id],
    count: () => db.$count(batches, wanted),
  });
  return { ...page, data: page.data.map(({ batch }) => batch) };
}
