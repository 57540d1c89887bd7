import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { eventsTopic } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { topicOf } from '../../topics.ts';
import { deleteObjectsJob } from '../../platform/storage/delete-objects.ts';
import { inUseTold } from '../users/in-use.ts';
import { removeAvatars } from '../users/remove-avatars.ts';
import { checkState } from './patch-avatar.ts';
import { lockAvatar } from './store.ts';

/**
 * Deletes an avatar with its photos and objects; the rows of its trainings stay.
 * @throws Problem 404; 409 `training-running` naming the training; 409 `in-use`; 412 `precondition-failed`
 */
export async function deleteAvatar(
  context: Pick<Context, 'db' | 'jobs' | 'wakeups' | 'installation'>,
  id: string,
  { requestId, ifMatch, ...reach }: Reach & { requestId?: string; ifMatch?: string | undefined } = {},
): Promise<void> {
  const { db, wakeups } = context;
  await inUseTold('avatar', () =>
    db.transaction(async (tx) => {
      const avatar = (await lockAvatar(tx, id, reach)) ?? notFound('avatar');
      await checkState(tx, context, id, ifMatch);
      await removeAvatars(tx, context, [avatar], requestId);
    }),
  );
  wakeups.wake(topicOf(deleteObjectsJob));
  wakeups.wake(eventsTopic);
}
