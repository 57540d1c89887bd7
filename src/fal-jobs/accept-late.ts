import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import type { Reach } from '../platform/http/caller.ts';
import { advanceTraining } from './advance.ts';
import { findTraining, type Training } from '../features/trainings/store.ts';

/**
 * Takes up a result that came after its training had failed or been cancelled: the training has then succeeded.
 * @throws Problem 404; 409 `invalid-state` when there is no verified late result
 */
export async function acceptLateResult(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  trainingId: string,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<Training> {
  if (!(await findTraining(context.db, trainingId, reach))) notFound('training');
  const advance =
    (await advanceTraining(context, trainingId, { kind: 'accept_late' }, requestId)) ?? notFound('training');
  if (advance.changed) return advance.training;
  const { status, avatar_id: avatarId } = advance.training;
  if (avatarId === null) {
    throw new Problem('invalid-state', 'The avatar of this training was deleted, and its files with it.');
  }
  throw new Problem('invalid-state', `The training is ${status} and has no late result to accept.`, {
    extensions: { training_id: trainingId, training_status: status },
  });
}
