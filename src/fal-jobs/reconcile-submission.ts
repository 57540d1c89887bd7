import type { Context } from '../context.ts';
import { FalError } from '../fal/errors.ts';
import { errorOf } from './failures.ts';
import type { Signal } from './signals.ts';
import { signalOfFound, submissionOf } from './fal-signals.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';

/** Allowed difference between fal's clock and ours, as for its signatures (fal contract §2.2). */
const skewMs = 300_000;

/**
 * Settles a POST whose answer was never received, by searching fal's records for the submission's input; a webhook
 * with the token settles it too, independently. Nothing is submitted again.
 * @returns the signal to advance with, or null to go on waiting
 */
export async function reconcileSubmission<Row extends JobRow>(
  context: Pick<Context, 'fal' | 'db' | 'config' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<Signal | null> {
  const submittedAt = row.submitted_at ?? row.updated_at;
  const submission = submissionOf(row);
  const { startTimeoutSeconds, unresolvedMaxMs } = kind.timing(context.config);
  const { found, isAway } = await searchRecords(context, kind, row, submittedAt, signal);
  const { falRequestId, isDisputed } = await chooseOwn(context, kind, row, found);
  if (falRequestId) return signalOfFound(row, falRequestId);
  const age = Date.now() - submittedAt.getTime();
  // While fal's records are unreachable the wait is doubled: they, or an operator, may still settle the job.
  const isPast = (ms: number) => age > (isAway || isDisputed ? 2 * ms : ms);
  if (isPast(unresolvedMaxMs)) {
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
  const waitMs = startTimeoutSeconds * 1000 + kind.longestRunMs(row, context.config);
  return isPast(waitMs) && row.needs_attention_at === null ? { kind: 'needs_attention', ...submission } : null;
}

/** @returns the ids of the requests with the input of the submission that fal received around its time */
async function searchRecords<Row extends JobRow>(
  { fal, config, log }: Pick<Context, 'fal' | 'config' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  submittedAt: Date,
  signal: AbortSignal,
): Promise<{ found: string[]; isAway: boolean }> {
  const start = new Date(submittedAt.getTime() - skewMs);
  const end = new Date(submittedAt.getTime() + config.fal.timeoutMs + skewMs);
  const found: string[] = [];
  let cursor: string | undefined;
  try {
    do {
      const page = await fal.findRequests(row.endpoint, { start, end, ...(cursor && { cursor }) }, signal);
      found.push(...page.items.flatMap((item) => (kind.isOurs(row, item) ? item.falRequestId : [])));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
  } catch (error) {
    log.warn({ err: error, ...idOf(kind, row.id) }, 'the records of fal could not be searched; the search is retried');
    return { found: [], isAway: error instanceof FalError && error.code === 'unavailable' };
  }
  return { found, isAway: false };
}

// Equal inputs are told apart by nothing: then the token of a webhook, or an operator, says whose the request is.
async function chooseOwn<Row extends JobRow>(
  { db, log }: Pick<Context, 'db' | 'log'>,
  { name, store }: JobKind<Row>,
  row: Row,
  found: readonly string[],
): Promise<{ falRequestId: string | null; isDisputed: boolean }> {
  const [own] = found.length === 0 ? [] : await store.findUnclaimed(db, found);
  if (own === undefined) return { falRequestId: null, isDisputed: false };
  if (!(await store.hasTwin(db, row))) return { falRequestId: own, isDisputed: false };
  const fields = { ...idOf({ name }, row.id), fal_request_id: own };
  log.warn(fields, 'a request in the records of fal may be of several submissions with one input; none takes it');
  return { falRequestId: null, isDisputed: true };
}
