import { and, asc, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../platform/db/client.ts';
import { generationImages, type ImageStatus, type StoredImage } from '../../platform/db/schema.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import type { Reach } from '../../platform/http/caller.ts';

export type Image = typeof generationImages.$inferSelect;

/** Inserts the images of a generation. @param generation whose avatar is locked */
export async function insertImages(
  db: Db,
  generation: { id: string; user_id: string | null; avatar_id: string | null },
  images: readonly StoredImage[],
): Promise<void> {
  const { id, user_id, avatar_id } = generation;
  if (user_id === null || avatar_id === null) throw new Error(`the generation ${id} has no owner`);
  if (images.length === 0) return;
  const owned = { generation_id: id, user_id, avatar_id, favorite: false };
  await db.insert(generationImages).values(images.map((image) => ({ ...image, ...owned, id: uuidv7() })));
}

/** The images of generations, in their order. */
export async function imagesOf(db: Db, generationIds: readonly string[]): Promise<Image[]> {
  if (generationIds.length === 0) return [];
  return db
    .select()
    .from(generationImages)
    .where(inArray(generationImages.generation_id, [...generationIds]))
    .orderBy(asc(generationImages.generation_id), asc(generationImages.index));
}

/** Keys in the object store of pictures and thumbnails. */
export function objectKeysOf(images: readonly Pick<StoredImage, 'storage_key' | 'thumbnail_key'>[]): string[] {
  return images.flatMap(({ storage_key, thumbnail_key }) => [storage_key, thumbnail_key].flatMap((key) => key ?? []));
}

function within(id: string, { userId }: Reach): SQL | undefined {
  return and(eq(generationImages.id, id), userId === undefined ? undefined : eq(generationImages.user_id, userId));
}

/** @returns undefined when there is no such image, or it is another user's */
export async function findImage(db: Db, id: string, reach: Reach = {}): Promise<Image | undefined> {
  const [row] = await db.select().from(generationImages).where(within(id, reach));
  return row;
}

/** Locks an image until the transaction ends. @returns undefined when there is no such image, or it is another user's */
export async function lockImage(tx: Tx, id: string, reach: Reach = {}): Promise<Image | undefined> {
  noteLocks(tx, 'image', [id]);
  const [row] = await tx.select().from(generationImages).where(within(id, reach)).for('update');
  return row;
}

/** @returns the new row of a locked image */
export async function updateFavorite(tx: Tx, id: string, favorite: boolean): Promise<Image | undefined> {
  const [row] = await tx
    .update(generationImages)
    .set({ favorite, updated_at: sql`now()` })
    .where(eq(generationImages.id, id))
    .returning();
  return row;
}

export async function deleteImageRow(tx: Tx, id: string): Promise<void> {
  await tx.delete(generationImages).where(eq(generationImages.id, id));
}

export type ImageFilter = {
  userId?: string | undefined;
  avatarId?: string | undefined;
  generationId?: string | undefined;
  favorite?: boolean | undefined;
  status: ImageStatus;
};

// Favourites are all `ok`, and have indexes of their own, which a further condition would keep from being used alone.
function matching({ userId, avatarId, generationId, favorite, status }: ImageFilter): SQL | undefined {
  return and(
    userId === undefined ? undefined : eq(generationImages.user_id, userId),
    avatarId === undefined ? undefined : eq(generationImages.avatar_id, avatarId),
    generationId === undefined ? undefined : eq(generationImages.generation_id, generationId),
    favorite === true ? sql`${generationImages.favorite}` : undefined,
    favorite === false ? sql`not ${generationImages.favorite}` : undefined,
    favorite === true && status === 'ok' ? undefined : eq(generationImages.status, status),
  );
}

export async function countImages(db: Db, filter: ImageFilter): Promise<number> {
  return db.$count(generationImages, matching(filter));
}

/** The image before a page: creation time to the microsecond, and id. */
export type ImagePosition = { createdAt: string; id: string };

/** @returns images, newest first, each with its position */
export async function listNewestImages(
  db: Db,
  filter: ImageFilter,
  { after, limit }: { after: ImagePosition | null; limit: number },
): Promise<{ image: Image; position: string }[]> {
  const { created_at, id } = generationImages;
  // As text, since a JavaScript Date loses PostgreSQL's microseconds.
  return db
    .select({ image: generationImages, position: sql<string>`${created_at}::text` })
    .from(generationImages)
    .where(
      and(
        matching(filter),
        after === null ? undefined : sql`(${created_at}, ${id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(created_at), desc(id))
    .limit(limit);
}
