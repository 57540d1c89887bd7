import { eq, sql } from 'drizzle-orm';
import type { Config } from '../../config.ts';
import type { Db } from '../../platform/db/client.ts';
import { avatarPhotos, avatars } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';

type Limits = Pick<Config, 'limits'>;

export type Room = { photos: number; bytes: number };

/** Checks the quota of avatars. The owner must be locked. @throws Problem 409 `quota-exceeded` naming the limit */
export async function refuseBeyondAvatars(db: Db, { limits }: Limits, userId: string): Promise<void> {
  const maximum = limits.avatarsPerUser;
  // Skips to the last allowed row instead of counting all.
  const [last] = await db
    .select({ id: avatars.id })
    .from(avatars)
    .where(eq(avatars.user_id, userId))
    .limit(1)
    .offset(maximum - 1);
  if (!last) return;
  throw new Problem('quota-exceeded', `The user has ${maximum} avatars, and no more are allowed: delete one first.`, {
    extensions: { maximum },
  });
}

// Photos of the earlier system record no stored size, so the size that was sent counts.
const storedBytes = sql`case json_typeof(${avatarPhotos.photo_metadata} -> 'stored_size')
  when 'number' then (${avatarPhotos.photo_metadata} ->> 'stored_size')::numeric
  else ${avatarPhotos.file_size} end`;

/** The photos and stored bytes that a user may still add. Exact only while the owner is locked. */
export async function findRoom(db: Db, { limits }: Limits, userId: string): Promise<Room> {
  const [held] = await db
    .select({
      photos: sql<number>`count(*)`,
      bytes: sql<number>`coalesce(sum(${storedBytes}), 0)::bigint`,
    })
    .from(avatarPhotos)
    .where(eq(avatarPhotos.user_id, userId));
  return {
    photos: Math.max(0, limits.photosPerUser - (held?.photos ?? 0)),
    bytes: Math.max(0, limits.photoBytesPerUser - (held?.bytes ?? 0)),
  };
}
