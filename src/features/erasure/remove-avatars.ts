import type { Context } from '../../context.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { eraseOriginals } from '../../platform/db/erase-originals.ts';
import { eraseKeptAnswers } from '../../platform/idempotency/erase.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import * as avatars from '../avatars/erase.ts';
import { refuseWhileTraining } from '../avatars/refuse-while-training.ts';
import { publish } from '../events/publish.ts';
import { refuseWhileGenerating } from '../generations/erase.ts';
import * as photos from '../photos/erase.ts';
import { eraseHistory } from './erase-history.ts';

/**
 * Deletes avatars with their photos and all objects that show the person: photos, previews, trained weights, images. The
 * rows of trainings, generations and events remain without personal data, as a record of payments.
 * @param list the avatars, locked
 * @throws Problem 409 `training-running`, `generation-running`; a foreign key violation when a table outside the service refers to one of
 * them
 */
export async function removeAvatars(
  tx: Tx,
  { jobs, log }: Pick<Context, 'jobs' | 'log'>,
  list: readonly { id: string; user_id: string }[],
  requestId?: string,
): Promise<void> {
  if (list.length === 0) return;
  const ids = list.map(({ id }) => id);
  await refuseWhileTraining(tx, ids, 'deleting');
  await refuseWhileGenerating(tx, ids);
  const keys = [...(await photos.objectKeysOf(tx, ids)), ...(await avatars.objectKeysOf(tx, ids))];
  await enqueueDeletion(tx, jobs, [...new Set(keys)]);
  await eraseHistory(tx, jobs, { avatarIds: ids });
  await eraseOriginals(tx, log, 'avatar_photos', await photos.photoIdsOf(tx, ids));
  await eraseOriginals(tx, log, 'avatars', ids);
  // Two statements, since an adopted database need not cascade.
  await photos.deletePhotosOf(tx, ids);
  await avatars.deleteAvatarRows(tx, ids);
  await eraseKeptAnswers(tx, ids);
  await publish(
    tx,
    ...list.map(({ id, user_id }) => ({
      type: 'avatar.deleted' as const,
      user_id,
      avatar_id: id,
      request_id: requestId ?? null,
    })),
  );
}
