import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { Problem } from '../errors.ts';
import { type Caller, reachOf } from '../http/caller.ts';
import { attemptOf, claim, fingerprintOf, keep, replay } from '../http/idempotency.ts';
import { findKept, type Kept } from '../http/idempotency-store.ts';
import { withScratch } from '../storage/scratch.ts';
import { addPhotos, type Commit, type Result } from './add-photos.ts';
import { type Part, receivePhotos } from './receive.ts';
import type { PhotosResult } from './schemas.ts';
import { photoView } from './view.ts';

type Answer = Static<typeof PhotosResult>;

/** The same request was answered while this one was still being received. */
class AnsweredMeanwhile extends Error {
  override name = 'AnsweredMeanwhile';
  readonly kept: Kept;
  constructor(kept: Kept) {
    super('the same request was answered meanwhile');
    this.kept = kept;
  }
}

/**
 * Adds the photos of a request to an avatar. A body may take minutes to arrive, so no transaction waits for it: with an
 * Idempotency-Key the request is taken when the rows are written, and of two that are sent at once both are received, one
 * adds its photos and the other gets its answer.
 * @throws Problem 422 `photos-rejected` when none was added; whatever {@link addPhotos} and idempotency throw
 */
export async function uploadPhotos(
  app: Context,
  avatarId: string,
  request: FastifyRequest & { caller: Caller },
  reply: FastifyReply,
): Promise<Answer | FastifyReply> {
  const attempt = attemptOf(request);
  const origin = { ...reachOf(request.caller), requestId: request.id };
  const parts: Part[] = [];
  const see = (part: Part) => void parts.push(part);
  reply.code(201);
  if (attempt === null) {
    return answerTo(await addPhotos(app, avatarId, (folder, hands) => receivePhotos(request, folder, hands), origin));
  }
  const earlier = await findKept(app.db, attempt);
  if (earlier) {
    await look(request, see);
    return replay(earlier, attempt, fingerprintOf(parts), reply);
  }
  let answer: string | undefined;
  const commit: Commit = (write) =>
    app.db.transaction(async (tx) => {
      const meanwhile = await claim(tx, attempt);
      if (meanwhile) throw new AnsweredMeanwhile(meanwhile);
      const result = await write(tx);
      // What was refused as a whole may be sent again, and is looked at again.
      if (result.accepted.length > 0) answer = await keep(tx, attempt, fingerprintOf(parts), reply, answerTo(result));
      return result;
    });
  const receive: Parameters<typeof addPhotos>[2] = (folder, hands) => receivePhotos(request, folder, { ...hands, see });
  const result = await addPhotos(app, avatarId, receive, origin, commit).catch(keptInstead);
  if ('status_code' in result) return replay(result, attempt, fingerprintOf(parts), reply);
  return answer === undefined ? answerTo(result) : reply.type('application/json; charset=utf-8').send(answer);
}

function keptInstead(error: unknown): Kept {
  if (error instanceof AnsweredMeanwhile) return error.kept;
  throw error;
}

function answerTo({ accepted, rejected }: Result): Answer {
  if (accepted.length > 0) return { accepted: accepted.map(photoView), rejected };
  const sentences = rejected.map(({ filename, detail }) => `${filename ?? 'A file'} ${detail}.`);
  throw new Problem('photos-rejected', sentences.join(' '), {
    errors: rejected.map(({ filename, code, detail }) => ({ field: filename ?? '', code, detail })),
    extensions: { accepted: [], rejected },
  });
}

/** Receives a body only to know it again. */
async function look(request: FastifyRequest, see: (part: Part) => void): Promise<void> {
  await withScratch('photos', (folder) =>
    receivePhotos(request, folder, { take: async () => undefined, reject: () => undefined, see }),
  );
}
