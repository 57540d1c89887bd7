import { lockAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { eventsTopic, publish } from '../events/publish.ts';
import { eraseOriginals } from '../../platform/db/erase-originals.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { topicOf } from '../../topics.ts';
import { deleteObjectsJob, enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { refuseWhileTraining } from '../avatars/refuse-while-training.ts';
import { recountPhotos } from './recount.ts';
import { deletePhotoRow } from './store.ts';

/**
 * Deletes a photo with its object; the avatar's counter and status follow.
 * @throws Problem 404; 409 `training-running` naming the training
 */
export async function deletePhoto(
  { db, jobs, log, wakeups }: Pick<Context, 'db' | 'jobs' | 'log' | 'wakeups'>,
  avatarId: string,
  id: string,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('photo of this avatar');
    await refuseWhileTraining(tx, [avatarId], 'deleting photos');
    const photo = (await deletePhotoRow(tx, avatarId, id)) ?? notFound('photo of this avatar');
    await eraseOriginals(tx, log, 'avatar_photos', [id]);
    await enqueueDeletion(tx, jobs, [photo.minio_key]);
    await recountPhotos(tx, avatar);
    await publish(tx, {
      type: 'photo.deleted',
      user_id: avatar.user_id,
      avatar_id: avatarId,
      photo_id: id,
      request_id: requestId ?? null,
    });
  });
  wakeups.wake(topicOf(deleteObjectsJob));
  wakeups.wake(eventsTopic);
}
