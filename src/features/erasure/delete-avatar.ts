import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { checkState } from '../avatars/patch-avatar.ts';
import { lockAvatar } from '../avatars/store.ts';
import { refuseInUse } from './in-use.ts';
import { removeAvatars } from './remove-avatars.ts';

/**
 * Deletes an avatar with its photos and objects; the rows of its trainings remain.
 * @throws Problem 404; 409 `training-running` naming the training; 409 `in-use`; 412 `precondition-failed`
 */
export async function deleteAvatar(
  context: Pick<Context, 'db' | 'jobs' | 'log' | 'wakeups' | 'installation'>,
  id: string,
  { requestId, ifMatch, ...reach }: Origin & { ifMatch?: string | undefined } = {},
): Promise<void> {
  const deletion = transact(context, async (tx) => {
    const avatar = (await lockAvatar(tx, id, reach)) ?? notFound('avatar');
    await checkState(tx, context, id, ifMatch);
    await removeAvatars(tx, context, [avatar], requestId);
  });
  await refuseInUse('avatar', deletion);
}
