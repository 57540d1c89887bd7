import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { publish } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { findUser, lockUser, lockOwnedAvatar, type User, updateUser } from './store.ts';

/**
 * Makes an avatar its owner's main one, or leaves the owner without one.
 * @param avatarId null for none
 * @throws Problem 404 when there is no such user, or the avatar isn't theirs
 */
export async function setMainAvatar(
  context: Pick<Context, 'db' | 'wakeups'>,
  id: string,
  avatarId: string | null,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<User> {
  return transact(context, async (tx) => {
    if (!(await findUser(tx, id, reach))) notFound('user');
    // The avatar before the user, as everywhere.
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
