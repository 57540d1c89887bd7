import { inArray } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { avatars } from '../../platform/db/schema.ts';

/** @returns the keys of the objects, other than photos, that the earlier system stored for avatars */
export async function objectKeysOf(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ photo: avatars.photo_key, preview: avatars.preview_key })
    .from(avatars)
    .where(inArray(avatars.id, [...ids]));
  return rows.flatMap(({ photo, preview }) => [photo, preview].flatMap((key) => key || []));
}

/** @throws a foreign key violation when a table outside the service refers to one of the avatars */
export async function deleteAvatarRows(db: Db, ids: readonly string[]): Promise<void> {
  await db.delete(avatars).where(inArray(avatars.id, [...ids]));
}
