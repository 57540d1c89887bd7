import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { publish } from '../events/publish.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { findUser, lockUser, lockOwnedAvatar, type User, updateUser } from './store.ts';

/**
 * Sets or unsets the main avatar of a user.
 * @param avatarId null to unset
 * @throws Problem 404 for an unknown user, or an avatar that is not theirs
 */
export async function setMainAvatar(
  context: Pick<Context, 'db' | 'wakeups'>,
  id: string,
  avatarId: string | null,
  { requestId, ...reach }: Origin = {},
): Promise<User> {
  return transact(context, async (tx) => {
    if (!(await findUser(tx, id, reach))) notFound('user');
    // Lock order: avatar before user.
    if (avatarId !== null && !(await lockOwnedAvatar(tx, id, avatarId))) notFound('avatar of this user');
    const before = (await lockUser(tx, id, reach)) ?? notFound('user');
    if (before.main_avatar_id === avatarId) return before;
    await publish(tx, {
      type: 'user.updated',
      user_id: id,
      avatar_id: avatarId,
      data: { changed: ['main_avatar_id'] },
      request_id: requestId ?? null,
    });
    return updateUser(tx, id, { main_avatar_id: avatarId });
  });
}
