import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { violationOf } from '../../platform/db/violations.ts';
import { notFound } from '../../errors.ts';
import { eventsTopic, publish } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { topicOf } from '../../topics.ts';
import { deleteObjectsJob } from '../../platform/storage/delete-objects.ts';
import { eraseTraces } from './erase-traces.ts';
import { eraseTrainings } from './erase-trainings.ts';
import { inUseTold } from './in-use.ts';
import { removeAvatars } from './remove-avatars.ts';
import { anonymiseUserRow, deleteUserRow, findUser, lockAvatarsOf, lockUser } from './store.ts';

/**
 * Deletes a user with all avatars, photos and objects, and what of them stands in trainings, events and kept answers. When a table outside the service (a balance of the earlier
 * system, say) names the user, the row stays and is emptied of whatever tells who it was; for the API it is gone.
 * @throws Problem 404; 409 `training-running` naming the training; 409 `in-use` when such a table names an avatar
 */
export async function deleteUser(
  { db, jobs, wakeups }: Pick<Context, 'db' | 'jobs' | 'wakeups'>,
  id: string,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<void> {
  await inUseTold('user', () =>
    db.transaction(async (tx) => {
      if (!(await findUser(tx, id, reach))) notFound('user');
      // Whoever starts a training locks the avatar first and the user after it, so this does too.
      await lockAvatarsOf(tx, id);
      if (!(await lockUser(tx, id, reach))) notFound('user');
      // Those that were made meanwhile are among them now, and no more can come.
      const avatars = await lockAvatarsOf(tx, id);
      await removeAvatars(tx, { jobs }, avatars, requestId);
      await eraseTrainings(tx, jobs, { userId: id });
      await eraseTraces(tx, [id, ...avatars.map((avatar) => avatar.id)], id);
      await deleteOrAnonymise(tx, id);
      await publish(tx, { type: 'user.deleted', user_id: id, request_id: requestId ?? null });
    }),
  );
  wakeups.wake(topicOf(deleteObjectsJob));
  wakeups.wake(eventsTopic);
}

async function deleteOrAnonymise(tx: Db, id: string): Promise<void> {
  try {
    await tx.transaction((savepoint) => deleteUserRow(savepoint, id));
  } catch (error) {
    if (violationOf(error)?.kind !== 'foreign-key') throw error;
    await anonymiseUserRow(tx, id);
  }
}
