import { lockAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { eraseOriginals } from '../../platform/db/erase-originals.ts';
import { transact } from '../../platform/db/transact.ts';
import { publish } from '../events/publish.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { refuseWhileTraining } from '../avatars/refuse-while-training.ts';
import { recountPhotos } from './recount.ts';
import { deletePhotoRow } from './store.ts';

/** Deletes a photo and its object. @throws Problem 404; 409 `training-running` naming the training */
export async function deletePhoto(
  context: Pick<Context, 'db' | 'jobs' | 'log' | 'wakeups'>,
  avatarId: string,
  id: string,
  { requestId, ...reach }: Origin = {},
): Promise<void> {
  await transact(context, async (tx) => {
    const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('photo of this avatar');
    await refuseWhileTraining(tx, [avatarId], 'deleting photos');
    const photo = (await deletePhotoRow(tx, avatarId, id)) ?? notFound('photo of this avatar');
    await eraseOriginals(tx, context.log, 'avatar_photos', [id]);
    await enqueueDeletion(tx, context.jobs, [photo.minio_key]);
    await recountPhotos(tx, avatar);
    await publish(tx, {
      type: 'photo.deleted',
      user_id: avatar.user_id,
      avatar_id: avatarId,
      photo_id: id,
      request_id: requestId ?? null,
    });
  });
}
