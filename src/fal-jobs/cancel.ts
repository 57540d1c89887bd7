import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import type { Reach } from '../platform/http/caller.ts';
import { transact } from '../platform/db/transact.ts';
import { defineJob } from '../platform/jobs/define.ts';
import { advanceTraining } from './advance.ts';
import { blockedReason } from './failures.ts';
import { cancelTraining } from '../features/trainings/follow-ups.ts';
import { isTerminal } from './lifecycle.ts';
import { topics } from '../topics.ts';
import { findTraining, setNextCheck, type Training } from '../features/trainings/store.ts';

/**
 * Asks a training to stop. Before it has reached fal it ends at once, free; after that fal decides, and the training
 * says that it was asked. Asking again changes nothing.
 * @throws Problem 404; 409 `invalid-state` when it has ended or its result is being fetched
 */
export async function requestCancel(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  trainingId: string,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<Training> {
  // Whose a training is never changes, so this look needs no lock.
  if (!(await findTraining(context.db, trainingId, reach))) notFound('training');
  const advance = (await advanceTraining(context, trainingId, { kind: 'cancel' }, requestId)) ?? notFound('training');
  const { changed, training } = advance;
  const { status, cancel_requested_at } = training;
  const wasAsked = cancel_requested_at !== null && !isTerminal(status) && status !== 'verifying';
  if (changed || wasAsked || status === 'cancelled') return training;
  const why = training.status === 'verifying' ? 'fal has finished it and its result is being fetched' : 'it has ended';
  throw new Problem('invalid-state', `The training is ${training.status}: ${why}, so it can't be cancelled.`, {
    extensions: { training_id: training.id, training_status: training.status },
  });
}

/** Tells fal to stop a job; what became of it is learned by the next poll, which is brought forward. */
export const cancelTrainingJob = defineJob({
  ...cancelTraining,
  async run(context, { training_id }, signal) {
    const training = await findTraining(context.db, training_id);
    if (!training?.fal_request_id || isTerminal(training.status)) return;
    const outcome = await context.fal.cancel(training.endpoint, training.fal_request_id, signal);
    if (outcome.kind === 'unavailable') throw new Error(`fal did not answer the cancellation: ${outcome.reason}`);
    if (outcome.kind === 'refused' && blockedReason(outcome.failure)) {
      throw new Error(`fal refused the cancellation: ${outcome.failure.message}`);
    }
    await transact(context, async (tx) => {
      await setNextCheck(tx, training.id, new Date());
      tx.wake(topics.trainingChecks);
    });
  },
});
