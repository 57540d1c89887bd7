import type { Context } from '../../context.ts';
import * as lateResult from '../../fal-jobs/accept-late.ts';
import { type Advance, advanceJob } from '../../fal-jobs/advance.ts';
import * as cancel from '../../fal-jobs/cancel.ts';
import { dispatchJobs } from '../../fal-jobs/dispatch.ts';
import { checkOne, reconcileJobOf } from '../../fal-jobs/reconcile.ts';
import { type Resolution, resolveSubmission as resolve } from '../../fal-jobs/resolve.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import { submitJobOf } from '../../fal-jobs/submit.ts';
import { verifyJobOf } from '../../fal-jobs/verify.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { trainingKind } from './kind.ts';
import type { Training } from './store.ts';

/* The machine of paid jobs (src/fal-jobs), bound to trainings. */

type Needs = Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>;

export const submitTrainingJob = submitJobOf(trainingKind);
export const verifyTrainingJob = verifyJobOf(trainingKind);
export const cancelTrainingJob = cancel.cancelJobOf(trainingKind);
export const checkTrainingsJob = reconcileJobOf(trainingKind);

export function advanceTraining(
  context: Needs,
  id: string,
  signal: Signal,
  requestId?: string,
): Promise<Advance<Training> | undefined> {
  return advanceJob(context, trainingKind, id, signal, requestId);
}

export function dispatchTrainings(context: Needs): Promise<number> {
  return dispatchJobs(context, [trainingKind]);
}

export function checkTraining(context: Context, training: Training, signal: AbortSignal): Promise<void> {
  return checkOne(context, trainingKind, training, signal);
}

export function requestCancel(context: Needs, id: string, origin?: Origin): Promise<Training> {
  return cancel.requestCancel(context, trainingKind, id, origin);
}

export function acceptLateResult(context: Needs, id: string, origin?: Origin): Promise<Training> {
  return lateResult.acceptLateResult(context, trainingKind, id, origin);
}

export function resolveSubmission(
  context: Needs & Pick<Context, 'fal'>,
  id: string,
  resolution: Resolution,
): Promise<Training> {
  return resolve(context, trainingKind, id, resolution);
}
