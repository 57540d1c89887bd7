import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { defineJob } from '../../platform/jobs/define.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { StorageError } from '../../platform/storage/storage.ts';
import { type Avatar, findAvatar, lockAvatar, updateAvatar } from '../avatars/store.ts';
import { publish } from '../events/publish.ts';
import { refuseWithoutPicture } from './content.ts';
import { decodeInTurn } from './decoding.ts';
import { imageRules } from './rules.ts';
import { findImage } from './store.ts';
import { xmpPacket } from './xmp.ts';

type Needs = Pick<Context, 'db' | 'jobs' | 'storage' | 'wakeups' | 'installation'>;

const quality = 85;
/** Longer than a request takes. */
const sweepAfterMs = 3_600_000;

/**
 * Makes a copy of an image the preview of its avatar, so that it outlives the image. The copy is a JPEG of 512 pixels at
 * most.
 * @throws Problem 404 also for the image of another avatar; 409 `image-flagged`, `image-unavailable`; StorageError
 */
export async function setPreview(
  context: Needs,
  avatarId: string,
  imageId: string,
  { requestId, ...reach }: Origin,
): Promise<void> {
  const { db, jobs, storage } = context;
  if (!(await findAvatar(db, avatarId, reach))) notFound('avatar');
  const image = await findImage(db, imageId, reach);
  if (image?.avatar_id !== avatarId) notFound('image of this avatar');
  refuseWithoutPicture(image);
  const bytes = await previewOf(context, image.storage_key);
  const key = `previews/${avatarId}/${randomUUID()}.jpg`;
  const startAfter = new Date(Date.now() + sweepAfterMs);
  await transact({ db }, (tx) => jobs.enqueue(tx, sweepPreviewJob, { avatarId, key }, { startAfter }));
  await storage.putBytes(key, bytes, 'image/jpeg');
  try {
    await replacePreview(context, avatarId, key, { requestId, ...reach });
  } catch (error) {
    // The sweep retries what fails.
    await storage.delete([key]).catch(() => undefined);
    throw error;
  }
}

/** Takes the preview away, if there is one. @throws Problem 404 */
export function removePreview(context: Needs, avatarId: string, origin: Origin): Promise<void> {
  return replacePreview(context, avatarId, null, origin);
}

async function replacePreview(
  context: Pick<Needs, 'db' | 'jobs' | 'wakeups'>,
  avatarId: string,
  key: string | null,
  { requestId, ...reach }: Origin,
): Promise<void> {
  await transact(context, async (tx) => {
    const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
    if (avatar.preview_key === key) return;
    await updateAvatar(tx, avatarId, { preview_key: key });
    if (avatar.preview_key) await enqueueDeletion(tx, context.jobs, [avatar.preview_key]);
    await publish(tx, {
      type: 'avatar.updated',
      user_id: avatar.user_id,
      avatar_id: avatarId,
      data: { changed: ['preview'] },
      request_id: requestId ?? null,
    });
  });
}

async function previewOf({ storage, installation }: Needs, key: string): Promise<Buffer> {
  const picture = await storage.bytes(key).catch((error: unknown) => {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
    throw new Problem('image-unavailable', 'The file of this image is no longer in the object store.');
  });
  const side = imageRules.thumbnailSide;
  const xmp = xmpPacket({ sandbox: installation.falMode === 'sandbox' });
  return decodeInTurn(key, () =>
    sharp(picture, { limitInputPixels: imageRules.maxPixels })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .jpeg({ quality })
      .withXmp(xmp)
      .toBuffer(),
  );
}

/** Removes a copy that became no preview, which a crash leaves. Enqueued before the copy is stored. */
export const sweepPreviewJob = defineJob({
  name: 'previews.sweep',
  data: Type.Object({ avatarId: Type.String(), key: Type.String() }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  async run({ db, storage }: Pick<Context, 'db' | 'storage'>, { avatarId, key }) {
    const avatar: Avatar | undefined = await findAvatar(db, avatarId);
    if (avatar?.preview_key !== key) await storage.delete([key]);
  },
});
