import { inArray } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { avatarPhotos } from '../../platform/db/schema.ts';

export async function objectKeysOf(db: Db, avatarIds: readonly string[]): Promise<string[]> {
  const isTheirs = inArray(avatarPhotos.avatar_id, [...avatarIds]);
  const rows = await db.select({ key: avatarPhotos.minio_key }).from(avatarPhotos).where(isTheirs);
  return rows.map(({ key }) => key);
}

export async function photoIdsOf(db: Db, avatarIds: readonly string[]): Promise<string[]> {
  const isTheirs = inArray(avatarPhotos.avatar_id, [...avatarIds]);
  const rows = await db.select({ id: avatarPhotos.id }).from(avatarPhotos).where(isTheirs);
  return rows.map(({ id }) => id);
}

export async function deletePhotosOf(db: Db, avatarIds: readonly string[]): Promise<void> {
  await db.delete(avatarPhotos).where(inArray(avatarPhotos.avatar_id, [...avatarIds]));
}
