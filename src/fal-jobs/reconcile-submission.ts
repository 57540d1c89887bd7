import type { Context } from '../context.ts';
import { FalError } from '../fal/errors.ts';
import { errorOf } from './failures.ts';
import type { Signal } from './signals.ts';
import { signalOfFound, submissionOf } from './fal-signals.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';

/** Allowed difference between fal's clock and ours, as for its signatures (fal contract §2.2). */
const skewMs = 300_000;

/**
 * Settles a POST whose answer was never received, by searching fal's records for the submission's unique marker; a
 * webhook with the token settles it too, independently. Nothing is submitted again.
 * @returns the signal to advance with, or null to go on waiting
 */
export async function reconcileSubmission<Row extends JobRow>(
  { fal, config, log }: Pick<Context, 'fal' | 'config' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<Signal | null> {
  const submittedAt = row.submitted_at ?? row.updated_at;
  const submission = submissionOf(row);
  const { falRequestId, mayBeThere } = await findRequest({ fal, log }, kind, row, submittedAt, signal);
  if (falRequestId) return signalOfFound(row, falRequestId);
  const age = Date.now() - submittedAt.getTime();
  // While fal's records are unreachable the wait is doubled: they, or an operator, may still settle the job.
  const isPast = (ms: number) => age > (mayBeThere ? 2 * ms : ms);
  if (isPast(config.training.unresolvedMaxMs)) {
    return {
      kind: 'give_up',
      error: errorOf(kind.failures, 'submit-unresolved', { submitted_at: submittedAt.toISOString() }, null),
      charged: 'unknown',
      from: 'submitting',
      ...submission,
    };
  }
  if (row.submit_unknown_at === null) {
    return { kind: 'submit_unknown', reason: 'The process ended before the answer of fal was stored.', ...submission };
  }
  const longestRunMs = config.training.deadlineMs ?? kind.longestRunMs(row);
  const waitMs = config.fal.startTimeoutSeconds * 1000 + longestRunMs;
  return isPast(waitMs) && row.needs_attention_at === null ? { kind: 'needs_attention', ...submission } : null;
}

async function findRequest<Row extends JobRow>(
  { fal, log }: Pick<Context, 'fal' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  submittedAt: Date,
  signal: AbortSignal,
): Promise<{ falRequestId: string | null; mayBeThere: boolean }> {
  const start = new Date(submittedAt.getTime() - skewMs);
  let cursor: string | undefined;
  try {
    do {
      const page = await fal.findRequests(row.endpoint, { start, ...(cursor && { cursor }) }, signal);
      const match = page.items.find((found) => kind.isOurs(row, found));
      if (match) return { falRequestId: match.falRequestId, mayBeThere: true };
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
  } catch (error) {
    log.warn({ err: error, ...idOf(kind, row.id) }, 'the records of fal could not be searched; the search is retried');
    return { falRequestId: null, mayBeThere: error instanceof FalError && error.code === 'unavailable' };
  }
  return { falRequestId: null, mayBeThere: false };
}
