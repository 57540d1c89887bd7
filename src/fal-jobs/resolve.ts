import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import { advanceTraining } from './advance.ts';
import { findTraining, type Training } from '../features/trainings/store.ts';

/** What a person found out about a submission whose outcome wasn't known. */
export type Resolution = { falRequestId: string } | 'not-submitted';

/**
 * Settles a submission by what a person found at fal: the request it became, or that none was made. With a request the
 * training goes on and is polled; without one it goes back to the queue, to be submitted anew.
 * @throws Problem 404; 409 `invalid-state` unless the submission's outcome is unknown, or when fal doesn't know the request
 */
export async function resolveSubmission(
  context: Pick<Context, 'config' | 'db' | 'fal' | 'jobs' | 'log' | 'wakeups'>,
  trainingId: string,
  resolution: Resolution,
): Promise<Training> {
  const training = (await findTraining(context.db, trainingId)) ?? notFound('training');
  if (training.status !== 'submitting' || training.submit_unknown_at === null) {
    throw new Problem(
      'invalid-state',
      `The training is ${training.status}, and nothing about its submission is unknown.`,
      {
        extensions: { training_id: training.id, training_status: training.status },
      },
    );
  }
  const submission = training.submission_id === null ? {} : { submissionId: training.submission_id };
  if (resolution === 'not-submitted') {
    return settled(await advanceTraining(context, trainingId, { kind: 'not_submitted', ...submission }));
  }
  const { falRequestId } = resolution;
  const status = await context.fal.status(training.endpoint, falRequestId);
  if (status.kind === 'not_found' || status.kind === 'refused' || status.kind === 'unavailable') {
    const why = status.kind === 'not_found' ? 'fal knows no such request' : 'fal did not tell of it now';
    throw new Problem('invalid-state', `Request ${falRequestId} can't be taken up: ${why}.`, {
      extensions: { training_id: training.id, fal_request_id: falRequestId },
    });
  }
  const accepted = { kind: 'accepted', falRequestId, gatewayRequestId: null, ...submission } as const;
  return settled(await advanceTraining(context, trainingId, accepted));
}

function settled(advance: Awaited<ReturnType<typeof advanceTraining>>): Training {
  if (advance?.changed) return advance.training;
  throw new Problem('invalid-state', 'The training was settled by somebody else meanwhile.');
}
