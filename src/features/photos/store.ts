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

/** Photos in order of upload, after the photo `after`. */
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

export async function countPhotos(db: Db, avatarId: string, reach: Reach = {}): Promise<number> {
  return db.$count(avatarPhotos, of(avatarId, reach));
}

export type Holdings = {
  /** SHA-256 of files as sent. */
  hashes: ReadonlySet<string>;
  /** SHA-256 of stored photos; photos of the earlier system have none. */
  storedHashes: ReadonlySet<string>;
  count: number;
  lastOrder: number;
};

/** Exact only while the avatar is locked. */
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

/** Every column is given, since the columns of an adopted database have no defaults. */
export async function insertPhotos(db: Db, photos: Photo[]): Promise<void> {
  if (photos.length > 0) await db.insert(avatarPhotos).values(photos);
}

/** @returns the deleted row; undefined when there was none */
export async function deletePhotoRow(db: Db, avatarId: string, id: string): Promise<Photo | undefined> {
  const [row] = await db
    .delete(avatarPhotos)
    .where(and(eq(avatarPhotos.avatar_id, avatarId), eq(avatarPhotos.id, id)))
    .returning();
  return row;
}

export async function findExisting(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await db.select({ id: avatarPhotos.id }).from(avatarPhotos).where(inArray(avatarPhotos.id, ids));
  return new Set(rows.map(({ id }) => id));
}
