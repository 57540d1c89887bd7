import { inArray, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { avatarPhotos, avatars } from '../../platform/db/schema.ts';
import { publish } from '../events/publish.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { eraseTrainings } from './erase-trainings.ts';
import { eraseTraces } from './erase-traces.ts';
import { refuseWhileTraining } from './refuse-while-training.ts';

/**
 * Removes avatars with their photos and every object that shows the person: photos, previews, trained weights. The rows
 * of their trainings and events stay, emptied of what is the person's, as the record of what was paid and when.
 * @param list the avatars, locked
 * @throws Problem 409 `training-running`; an error whose violation is a foreign key when a table outside the service
 * names one of them
 */
export async function removeAvatars(
  db: Db,
  { jobs }: Pick<Context, 'jobs'>,
  list: readonly { id: string; user_id: string }[],
  requestId?: string,
): Promise<void> {
  if (list.length === 0) return;
  const ids = list.map(({ id }) => id);
  await refuseWhileTraining(db, ids, 'deleting');
  const keys = await findObjectKeys(db, ids);
  await eraseTrainings(db, jobs, { avatarIds: ids });
  // Said one after the other: in a database that was taken over, deleting need not cascade.
  await db.delete(avatarPhotos).where(inArray(avatarPhotos.avatar_id, ids));
  await db.delete(avatars).where(inArray(avatars.id, ids));
  await enqueueDeletion(db, jobs, keys);
  await eraseTraces(db, ids);
  await publish(
    db,
    ...list.map(({ id, user_id }) => ({
      type: 'avatar.deleted' as const,
      user_id,
      avatar_id: id,
      request_id: requestId ?? null,
    })),
  );
}

/** @returns the keys of all objects that belong to avatars */
async function findObjectKeys(db: Db, avatarIds: string[]): Promise<string[]> {
  const ids = sql`${sql.param(avatarIds)}::uuid[]`;
  const { rows } = await db.execute<{ key: string }>(sql`
    select minio_key as key from avatar_photos where avatar_id = any(${ids})
    union
    select unnest(array[photo_key, preview_key]) from avatars where id = any(${ids})
  `);
  return rows.flatMap(({ key }) => (key ? [key] : []));
}
