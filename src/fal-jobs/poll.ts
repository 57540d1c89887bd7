import type { Context } from '../context.ts';
import type { StatusOutcome } from '../fal/outcomes.ts';
import { errorOf, isCancellation } from './failures.ts';
import { isTerminal } from './lifecycle.ts';
import { chargedWhenCancelled, signalOfFailure, signalOfResult } from './fal-signals.ts';
import { logLines } from '../features/trainings/progress.ts';
import type { Signal } from './signals.ts';
import type { Training } from '../features/trainings/store.ts';

/** Beyond its deadline a training whose job fal does not tell of is asked after so many times more. */
const patientPolls = 10;

/**
 * Asks fal how a job is. Independent of webhooks: a training ends by this alone if none ever comes.
 * @returns the signal to advance the training with, or null when nothing was learned
 */
export async function pollTraining(
  { config, fal, log }: Pick<Context, 'config' | 'fal' | 'log'>,
  training: Training,
  signal: AbortSignal,
): Promise<Signal | null> {
  const falRequestId = training.fal_request_id;
  if (falRequestId === null) return null;
  const status = await fal.status(training.endpoint, falRequestId, signal);
  const signalOf = await ofStatus({ fal, log }, training, falRequestId, status, signal);
  if (signalOf && signalOf.kind !== 'in_queue' && signalOf.kind !== 'in_progress') return signalOf;
  // While fal is out of reach, or has finished the job and doesn't hand out the result, the job may have come to its end.
  const isTold = status.kind === 'in_queue' || status.kind === 'in_progress' || status.kind === 'not_found';
  if (isTold ? training.deadline_at.getTime() <= Date.now() : isOverdue({ config }, training)) return overdue(training);
  return signalOf;
}

/** @returns whether a job at fal is past its deadline by so much that nothing is waited for any more */
export function isOverdue({ config }: Pick<Context, 'config'>, { status, deadline_at }: Training): boolean {
  const isAtFal = status === 'in_queue' || status === 'in_progress';
  return isAtFal && deadline_at.getTime() + patientPolls * config.training.pollMs <= Date.now();
}

async function ofStatus(
  { fal, log }: Pick<Context, 'fal' | 'log'>,
  training: Training,
  falRequestId: string,
  status: StatusOutcome,
  signal: AbortSignal,
): Promise<Signal | null> {
  switch (status.kind) {
    case 'in_queue':
      return { kind: 'in_queue' };
    case 'in_progress':
      return { kind: 'in_progress', logs: logLines(status.logs) };
    case 'completed':
    case 'failed': {
      const logs = logLines(status.logs);
      const result = await fal.result(training.endpoint, falRequestId, signal);
      const told = signalOfResult(training, falRequestId, result, logs);
      if (status.kind === 'completed' || result.kind === 'failed') return told;
      return signalOfFailure(training, failureOfStatus(status, falRequestId), { falRequestId, source: 'poll', logs });
    }
    case 'not_found':
      // A cancelled job may leave fal's queue without a trace (fal contract §1.6). One that has been called cancelled for it
      // is asked after all the same, until its time is over: fal may have gone on.
      if (training.cancel_requested_at && !isTerminal(training.status))
        return { kind: 'cancelled', charged: chargedWhenCancelled(training), source: 'poll' };
      log.warn(
        { training_id: training.id, fal_request_id: falRequestId },
        'fal does not know the request; asked again until the deadline',
      );
      return null;
    case 'refused':
    case 'unavailable':
      log.warn({ training_id: training.id, outcome: status.kind }, 'fal did not tell the status; asked again');
      return null;
  }
}

// The result of a failed job may be gone while its status still tells of the failure.
function failureOfStatus(status: Extract<StatusOutcome, { kind: 'failed' }>, falRequestId: string) {
  const code = /\b([45]\d\d)\b/.exec(status.error)?.[1];
  const failure = {
    status: code ? Number(code) : null,
    errorType: status.errorType,
    types: [],
    message: status.error,
    detail: { error: status.error, error_type: status.errorType },
    account: null,
    retryable: null,
    billableUnits: null,
    falRequestId,
  };
  return isCancellation(failure) ? { ...failure, status: 499 } : failure;
}

/** @returns the end of a training whose job fal did not finish in time */
export function overdue({ status: from, fal_request_id: falRequestId }: Training): Signal {
  return { kind: 'give_up', error: errorOf('deadline-exceeded', null, falRequestId), charged: 'unknown', from };
}
