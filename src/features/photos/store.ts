import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { avatarPhotos } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';

export type Photo = typeof avatarPhotos.$inferSelect;

function of(avatarId: string, { userId }: Reach): SQL | undefined {
  return and(eq(avatarPhotos.avatar_id, avatarId), userId === undefined ? undefined : eq(avatarPhotos.user_id, userId));
}

/** @returns undefined when the avatar has no such photo, or it is another user's */
export async function findPhoto(db: Db, avatarId: string, id: string, reach: Reach = {}): Promise<Photo | undefined> {
  const [row] = await db
    .select()
    .from(avatarPhotos)
    .where(and(of(avatarId, reach), eq(avatarPhotos.id, id)));
  return row;
}

/** @returns photos in the order of their upload, from the one after `after` on */
export async function listPhotos(
  db: Db,
  avatarId: string,
  { after, limit }: { after: { uploadOrder: number; id: string } | null; limit: number },
  reach: Reach = {},
): Promise<Photo[]> {
  const { upload_order, id } = avatarPhotos;
  return db
    .select()
    .from(avatarPhotos)
    .where(
      and(
        of(avatarId, reach),
        after === null ? undefined : sql`(${upload_order}, ${id}) > (${after.uploadOrder}::int, ${after.id}::uuid)`,
      ),
    )
    .orderBy(asc(upload_order), asc(id))
    .limit(limit);
}

/** @returns how many photos an avatar has */
export async function countPhotos(db: Db, avatarId: string, reach: Reach = {}): Promise<number> {
  return db.$count(avatarPhotos, of(avatarId, reach));
}

export type Holdings = {
  /** Of the files as they were sent. */
  hashes: ReadonlySet<string>;
  /** Of what is stored; the earlier system's photos have none. */
  storedHashes: ReadonlySet<string>;
  count: number;
  lastOrder: number;
};

/** @returns what an avatar has; to be relied on with the avatar locked */
export async function findHoldings(db: Db, avatarId: string): Promise<Holdings> {
  const rows = await db
    .select({
      hash: avatarPhotos.file_hash,
      storedHash: sql<string | null>`${avatarPhotos.photo_metadata} ->> 'stored_sha256'`,
      order: avatarPhotos.upload_order,
    })
    .from(avatarPhotos)
    .where(eq(avatarPhotos.avatar_id, avatarId));
  return {
    hashes: new Set(rows.map(({ hash }) => hash)),
    storedHashes: new Set(rows.flatMap(({ storedHash }) => storedHash ?? [])),
    count: rows.length,
    lastOrder: Math.max(0, ...rows.map(({ order }) => order)),
  };
}

/** Adds photos. Every column is given: in a database that was taken over the columns have no defaults. */
export async function insertPhotos(db: Db, photos: Photo[]): Promise<void> {
  if (photos.length > 0) await db.insert(avatarPhotos).values(photos);
}

/** @returns the photo that was there; undefined when there was none */
export async function deletePhotoRow(db: Db, avatarId: string, id: string): Promise<Photo | undefined> {
  const [row] = await db
    .delete(avatarPhotos)
    .where(and(eq(avatarPhotos.avatar_id, avatarId), eq(avatarPhotos.id, id)))
    .returning();
  return row;
}

/** @returns which of the ids belong to photos */
export async function findExisting(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await db.select({ id: avatarPhotos.id }).from(avatarPhotos).where(inArray(avatarPhotos.id, ids));
  return new Set(rows.map(({ id }) => id));
}
