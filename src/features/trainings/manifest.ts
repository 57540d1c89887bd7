import { asc, eq, inArray } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { avatarPhotos, type PhotoManifest } from '../../platform/db/schema.ts';

type Photo = typeof avatarPhotos.$inferSelect;

export async function manifestOf(db: Db, avatarId: string): Promise<PhotoManifest> {
  const photos = await db
    .select()
    .from(avatarPhotos)
    .where(eq(avatarPhotos.avatar_id, avatarId))
    .orderBy(asc(avatarPhotos.upload_order), asc(avatarPhotos.id));
  return photos.map((photo) => ({ id: photo.id, sha256: storedSha256(photo) }));
}

/** The photos of a manifest in its order; null for one that was deleted or replaced. */
export async function findManifestPhotos(
  db: Db,
  manifest: PhotoManifest,
): Promise<{ id: string; sha256: string | null; photo: Photo | null }[]> {
  const ids = manifest.map(({ id }) => id);
  const rows = await db.select().from(avatarPhotos).where(inArray(avatarPhotos.id, ids));
  const byId = new Map(rows.map((photo) => [photo.id, photo]));
  return manifest.map(({ id, sha256 }) => ({ id, sha256, photo: byId.get(id) ?? null }));
}

function storedSha256({ photo_metadata }: Photo): string | null {
  const { stored_sha256: sha256 } = photo_metadata;
  return typeof sha256 === 'string' ? sha256 : null;
}
