import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { eraseOriginals } from '../../platform/db/erase-originals.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { eraseKeptAnswers } from '../../platform/idempotency/erase.ts';
import { publish } from '../events/publish.ts';
import { deleteOrAnonymise } from '../users/erase.ts';
import { lockUserWithAvatars } from '../users/store.ts';
import { eraseHistory } from './erase-history.ts';
import { refuseInUse } from './in-use.ts';
import { removeAvatars } from './remove-avatars.ts';

/**
 * Deletes a user with all avatars, photos and objects, and their personal data in trainings, events and stored
 * responses. When a table outside the service refers to the user, an emptied row remains; for the API the user is gone.
 * @throws Problem 404; 409 `training-running` naming the training; 409 `in-use` when such a table refers to an avatar
 */
export async function deleteUser(
  context: Pick<Context, 'db' | 'jobs' | 'log' | 'wakeups'>,
  id: string,
  { requestId, ...reach }: Origin = {},
): Promise<void> {
  const { jobs, log } = context;
  const deletion = transact(context, async (tx) => {
    const avatars = (await lockUserWithAvatars(tx, id, reach)) ?? notFound('user');
    await removeAvatars(tx, { jobs, log }, avatars, requestId);
    // Trainings and events of avatars deleted earlier are found by the user alone.
    await eraseHistory(tx, jobs, { userId: id });
    await eraseKeptAnswers(tx, [id, ...avatars.map((avatar) => avatar.id)], `user ${id}`);
    await eraseOriginals(tx, log, 'users', [id]);
    await deleteOrAnonymise(tx, id);
    await publish(tx, { type: 'user.deleted', user_id: id, request_id: requestId ?? null });
  });
  await refuseInUse('user', deletion);
}
