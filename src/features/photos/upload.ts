import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { type Caller, reachOf } from '../../platform/http/caller.ts';
import { type Attempt, attemptOf, replay } from '../../platform/idempotency/idempotency.ts';
import { findKept, type Kept } from '../../platform/idempotency/store.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { refuseWhileTraining } from '../avatars/refuse-while-training.ts';
import { type Answer, answerTo } from './answer.ts';
import { commitUpload, fingerprintOfFiles } from './commit.ts';
import { photoBytesCounter } from './metrics.ts';
import { receivePhotos } from './receive.ts';
import { selectPhotos } from './select.ts';
import { storePhotos } from './store-photos.ts';

/**
 * Adds the photos of a request to an avatar: receive, select, store, commit. A request that fails before the commit
 * leaves nothing. No transaction is open while the body arrives, which may take minutes; so of two concurrent requests
 * with one Idempotency-Key both are received, one adds its photos, and the other gets its response.
 * @throws Problem 404; 409 `training-running`; 422 `photos-rejected` when none was added, 429 `rate-limited` or 503
 * `overloaded` when they may be taken later; as {@link receivePhotos} and idempotency do
 * @throws StorageError when the store or the disk fails; nothing is added then
 */
export async function uploadPhotos(
  app: Context,
  avatarId: string,
  request: FastifyRequest & { caller: Caller },
  reply: FastifyReply,
): Promise<Answer | FastifyReply> {
  const reach = reachOf(request.caller);
  const attempt = attemptOf(request);
  const earlier = attempt && (await findKept(app.db, attempt));
  if (earlier) return repeat(request, reply, attempt, earlier);
  const avatar = (await findAvatar(app.db, avatarId, reach)) ?? notFound('avatar');
  await refuseWhileTraining(app.db, [avatarId], 'adding photos');
  return withScratch('photos', async (folder) => {
    const files = await receivePhotos(request, folder);
    const selection = await selectPhotos(app, avatar, files, folder);
    await storePhotos(app, selection.candidates);
    const upload = { avatarId, files, selection, origin: { ...reach, requestId: request.id } };
    const committed = await commitUpload(app, upload, attempt, reply.code(201));
    if ('earlier' in committed) {
      return replay(committed.earlier, committed.attempt, fingerprintOfFiles(files), reply);
    }
    const { result, answer } = committed;
    photoBytesCounter(app.metrics).inc(result.accepted.reduce((sum, { file_size }) => sum + file_size, 0));
    return answer === null ? answerTo(result) : reply.type('application/json; charset=utf-8').send(answer);
  });
}

/** Receives a repeated body only to compare it, and sends the stored response. */
function repeat(request: FastifyRequest, reply: FastifyReply, attempt: Attempt, earlier: Kept): Promise<FastifyReply> {
  return withScratch('photos', async (folder) =>
    replay(earlier, attempt, fingerprintOfFiles(await receivePhotos(request, folder)), reply),
  );
}
