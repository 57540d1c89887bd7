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
 * What a commit came to: what was added, with the answer that is kept for it if one is; or the answer that is kept since
 * the same request was committed meanwhile.
 */
export type Committed = { result: Result; answer: string | null } | { earlier: Kept; attempt: Attempt };

/** @returns a hash by which the files of a request are known again */
export function fingerprintOfFiles(files: readonly Upload[]): Buffer {
  return fingerprintOf(files.map(({ name, filename, sha256 }) => ({ name, filename, sha256 })));
}

/**
 * Commits the rows of stored photos, and with an Idempotency-Key the answer too, in one transaction. Objects that got no
 * row are removed.
 * @throws Problem what {@link addPhotos} and idempotency throw
 */
export async function commitUpload(
  app: Context,
  upload: AddedUpload,
  attempt: Attempt | null,
  reply: FastifyReply,
): Promise<Committed> {
  const { candidates } = upload.selection;
  const committed = await commit(app, upload, attempt, reply).catch(async (error: unknown) => {
    // A connection that broke at the commit doesn't tell whether there are rows now: the sweep looks.
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
    // What was refused as a whole may be sent again, and is looked at again.
    if (!attempt || result.accepted.length === 0) return { result, answer: null };
    return { result, answer: await keep(tx, attempt, fingerprintOfFiles(upload.files), reply, answerTo(result)) };
  });
}
