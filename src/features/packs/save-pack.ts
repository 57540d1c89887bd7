import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { checkIfMatch, etagOf } from '../../platform/http/etag.ts';
import { checkPack } from './check.ts';
import type { PackContent } from './schemas.ts';
import { deletePack, lockOrInsert, lockPack, type Pack, updatePack } from './store.ts';
import { contentOf, packView } from './view.ts';

type Preconditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined };
export type Saved = { pack: Pack; change: 'created' | 'updated' | 'unchanged' };

/**
 * Writes a pack, whole, under a name. Generations that were made by the one before keep their prompts.
 * @throws Problem 412 `precondition-failed`; 422 `invalid-setting`, `prompt-too-long`, `prompt-placeholder`
 */
export async function savePack(
  context: Pick<Context, 'db'>,
  name: string,
  asked: PackContent,
  { ifMatch, ifNoneMatch }: Preconditions = {},
): Promise<Saved> {
  const content = checkPack(asked);
  return transact(context, async (tx) => {
    const now = new Date();
    const { pack, created } = await lockOrInsert(tx, { name, ...content, created_at: now, updated_at: now });
    if (created && ifMatch === undefined) return { pack, change: 'created' };
    if (created) throw new Problem('precondition-failed', 'If-Match names a version, and there is no such pack yet.');
    const etag = etagOf(packView(pack));
    checkIfMatch(ifMatch, etag);
    refuseExisting(ifNoneMatch, etag);
    if (isDeepStrictEqual(contentOf(pack), contentOf({ ...pack, ...content }))) return { pack, change: 'unchanged' };
    return { pack: await updatePack(tx, name, { ...content, updated_at: now }), change: 'updated' };
  });
}

// RFC 9110 §13.1.2: with `*`, only where there is none yet.
function refuseExisting(ifNoneMatch: string | undefined, etag: string): void {
  if (ifNoneMatch?.trim() !== '*') return;
  throw new Problem('precondition-failed', 'There is a pack of this name already: send its ETag as If-Match.', {
    headers: { etag },
  });
}

/** @throws Problem 404; 412 `precondition-failed` */
export async function removePack(
  context: Pick<Context, 'db'>,
  name: string,
  { ifMatch }: Preconditions,
): Promise<void> {
  await transact(context, async (tx) => {
    const pack = (await lockPack(tx, name)) ?? notFound('pack');
    checkIfMatch(ifMatch, etagOf(packView(pack)));
    await deletePack(tx, name);
  });
}
