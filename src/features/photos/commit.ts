import type { FastifyReply } from 'fastify';
import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { type Attempt, claim, fingerprintOf, keep } from '../../platform/idempotency/idempotency.ts';
import type { Kept } from '../../platform/idempotency/store.ts';
import { addPhotos, type AddedUpload, type Result } from './add-photos.ts';
import { answerTo } from './answer.ts';
import type { Upload } from './receive.ts';
import { removeOrphans } from './store-photos.ts';

/**
 * The photos added, with the stored response if a key was given; or the stored response of an identical request that
 * committed meanwhile.
 */
export type Committed = { result: Result; answer: string | null } | { earlier: Kept; attempt: Attempt };

export function fingerprintOfFiles(files: readonly Upload[]): Buffer {
  return fingerprintOf(files.map(({ name, filename, sha256 }) => ({ name, filename, sha256 })));
}

/**
 * Commits the rows of stored photos, and with an Idempotency-Key the response, in one transaction. Objects without a
 * row are removed.
 * @throws Problem as {@link addPhotos} and idempotency do
 */
export async function commitUpload(
  app: Context,
  upload: AddedUpload,
  attempt: Attempt | null,
  reply: FastifyReply,
): Promise<Committed> {
  const { candidates } = upload.selection;
  const committed = await commit(app, upload, attempt, reply).catch(async (error: unknown) => {
    // After a connection failure at the commit the rows may exist; the sweep checks.
    if (error instanceof Problem) await removeOrphans(app, candidates);
    throw error;
  });
  const kept = new Set('result' in committed ? committed.result.accepted.map(({ id }) => id) : []);
  await removeOrphans(
    app,
    candidates.filter(({ id }) => !kept.has(id)),
  );
  return committed;
}

function commit(app: Context, upload: AddedUpload, attempt: Attempt | null, reply: FastifyReply): Promise<Committed> {
  return transact(app, async (tx) => {
    const earlier = attempt && (await claim(tx, attempt));
    if (earlier) return { earlier, attempt };
    const result = await addPhotos(tx, app, upload);
    // A request whose photos were all refused may be sent again, and is then processed again.
    if (!attempt || result.accepted.length === 0) return { result, answer: null };
    return { result, answer: await keep(tx, attempt, fingerprintOfFiles(upload.files), reply, answerTo(result)) };
  });
}
