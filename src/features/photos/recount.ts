import { statusAfterPhotos } from '../avatars/lifecycle.ts';
import { type Avatar, updateAvatar } from '../avatars/store.ts';
import type { Db } from '../../platform/db/client.ts';
import { photoLimits } from '../trainers/registry.ts';
import { findHoldings } from './store.ts';

/**
 * Recomputes an avatar's photo counter and status. Counting, not adding, also corrects wrong counters of an adopted
 * database.
 * @param avatar the row before, locked
 */
export async function recountPhotos(db: Db, avatar: Avatar): Promise<void> {
  const { count } = await findHoldings(db, avatar.id);
  const status = statusAfterPhotos(avatar, count, photoLimits(avatar.training_type));
  if (count === avatar.photos_count && status === avatar.status) return;
  await updateAvatar(db, avatar.id, { photos_count: count, status, is_draft: status === 'draft' });
}
