import type { Context } from '../context.ts';
import { FalError } from '../fal/errors.ts';
import { trainerNamed } from '../features/trainers/registry.ts';
import { errorOf } from './failures.ts';
import type { Signal } from './signals.ts';
import type { Training } from '../features/trainings/store.ts';

/** fal's clock may differ from ours by as much as its signatures may (fal contract §2.2). */
const skewMs = 300_000;

/**
 * Finds out what became of a POST whose answer was never seen. fal's own records are asked for the archive's address,
 * which no other submission shares; a webhook that bears the token settles it as well, at any time, by itself. Nothing
 * is submitted again.
 * @returns the signal that the training is due, or null to wait on
 */
export async function settleSubmission(
  { fal, config, log }: Pick<Context, 'fal' | 'config' | 'log'>,
  training: Training,
  signal: AbortSignal,
): Promise<Signal | null> {
  const submittedAt = training.submitted_at ?? training.updated_at;
  const submission = training.submission_id === null ? {} : { submissionId: training.submission_id };
  const { falRequestId, mayBeThere } = await findRequest({ fal, log }, training, submittedAt, signal);
  if (falRequestId) return { kind: 'accepted', falRequestId, gatewayRequestId: null, ...submission };
  const age = Date.now() - submittedAt.getTime();
  // While fal's records are out of reach for a moment, they may still settle what else is lost or looked up by a person.
  const isPast = (ms: number) => age > (mayBeThere ? 2 * ms : ms);
  if (isPast(config.training.unresolvedMaxMs)) {
    return {
      kind: 'give_up',
      error: errorOf('submit-unresolved', { submitted_at: submittedAt.toISOString() }, null),
      charged: 'unknown',
      from: 'submitting',
      ...submission,
    };
  }
  if (training.submit_unknown_at === null) {
    return { kind: 'submit_unknown', reason: 'The process ended before the answer of fal was kept.', ...submission };
  }
  const longestRunMs = config.training.deadlineMs ?? trainerNamed(training.trainer).longest_run_seconds * 1000;
  const waitMs = config.fal.startTimeoutSeconds * 1000 + longestRunMs;
  return isPast(waitMs) && training.needs_attention_at === null ? { kind: 'needs_attention', ...submission } : null;
}

async function findRequest(
  { fal, log }: Pick<Context, 'fal' | 'log'>,
  training: Training,
  submittedAt: Date,
  signal: AbortSignal,
): Promise<{ falRequestId: string | null; mayBeThere: boolean }> {
  const start = new Date(submittedAt.getTime() - skewMs);
  const argument = trainerNamed(training.trainer).archive_argument;
  let cursor: string | undefined;
  try {
    do {
      const page = await fal.findRequests(training.endpoint, { start, ...(cursor && { cursor }) }, signal);
      const match = page.items.find(({ input }) => input?.[argument] === training.archive_url);
      if (match) return { falRequestId: match.falRequestId, mayBeThere: true };
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
  } catch (error) {
    log.warn(
      { err: error, training_id: training.id },
      'the records of fal could not be searched; they are asked again',
    );
    return { falRequestId: null, mayBeThere: error instanceof FalError && error.code === 'unavailable' };
  }
  return { falRequestId: null, mayBeThere: false };
}
