import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { checkIfMatch, etagOf } from '../../platform/http/etag.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { publish } from '../events/publish.ts';
import { deleteImageRow, lockImage, objectKeysOf } from './store.ts';
import { imageView } from './view.ts';

/** Deletes an image with its objects; a preview that was made of it stays. @throws Problem 404; 412 */
export async function deleteImage(
  context: Pick<Context, 'db' | 'jobs' | 'wakeups' | 'installation'>,
  id: string,
  { requestId, ifMatch, ...reach }: Origin & { ifMatch: string | undefined },
): Promise<void> {
  await transact(context, async (tx) => {
    const image = (await lockImage(tx, id, reach)) ?? notFound('image');
    checkIfMatch(ifMatch, etagOf(imageView(context, image)));
    await deleteImageRow(tx, id);
    await enqueueDeletion(tx, context.jobs, objectKeysOf([image]));
    await publish(tx, {
      type: 'image.deleted',
      user_id: image.user_id,
      avatar_id: image.avatar_id,
      generation_id: image.generation_id,
      image_id: id,
      request_id: requestId ?? null,
    });
  });
}
