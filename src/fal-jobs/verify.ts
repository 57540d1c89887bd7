import type { Context } from '../context.ts';
import { FalError } from '../fal/errors.ts';
import type { JobError } from '../platform/db/schema.ts';
import { defineJob, type QueuedJob } from '../platform/jobs/define.ts';
import { advanceJob } from './advance.ts';
import { errorOf } from './failures.ts';
import { idIn } from './follow-ups.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';
import { isTerminal } from './lifecycle.ts';
import { PermanentFailure } from './permanent-failure.ts';
import type { SignalOf } from './signals.ts';

/**
 * Downloads, verifies and stores the result: only then has a job succeeded. Also for late results. Retried as long as
 * fal keeps the files, by the queue and then by the reconciler.
 */
export function verifyJobOf<Row extends JobRow>(kind: JobKind<Row>): QueuedJob<Context, typeof kind.jobs.verify.data> {
  return defineJob({
    ...kind.jobs.verify,
    concurrency: 2,
    expireInSeconds: 3600,
    async run(context, data, signal) {
      const row = await kind.store.find(context.db, idIn(kind, data));
      const result = row && pendingResult(row);
      if (!result) return;
      await learnBefore(context, kind, row, signal);
      try {
        const artifacts = await kind.fetch(context, row, result, () => isAwaited(context, kind, row.id), signal);
        await advanceJob(context, kind, row.id, { kind: 'artifacts', artifacts });
      } catch (error) {
        if (error instanceof FalError && error.code === 'aborted' && !signal.aborted) return;
        await noteLoss(context, kind, row, error);
      }
    },
    async giveUp(context, data) {
      const row = await kind.store.find(context.db, idIn(kind, data));
      if (!row) return;
      const loss = await advanceJob(context, kind, row.id, lost(kind, row, 'The stored result cannot be recorded.'));
      if (!loss?.changed) await kind.store.setNextCheck(context.db, row.id, null);
    },
  });
}

function pendingResult(row: JobRow): unknown {
  if (row.status === 'verifying') return row.result;
  const isLate = row.status === 'failed' || row.status === 'cancelled';
  // The owner deleted the avatar, so the result is not fetched.
  if (row.avatar_id === null) return null;
  return isLate && !row.late_artifacts ? row.late_result : null;
}

async function isAwaited<Row extends JobRow>(
  { db }: Pick<Context, 'db'>,
  kind: JobKind<Row>,
  id: string,
): Promise<boolean> {
  const current = await kind.store.find(db, id);
  return Boolean(current && pendingResult(current));
}

async function learnBefore<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<void> {
  try {
    const learned = await kind.beforeFetch(context, row, signal);
    if (learned) await advanceJob(context, kind, row.id, learned);
  } catch (error) {
    signal.throwIfAborted();
    context.log.warn({ err: error, ...idOf(kind, row.id) }, 'the end of a log was not stored');
  }
}

async function noteLoss<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  error: unknown,
): Promise<void> {
  if (error instanceof FalError && error.code === 'gone') {
    // The file server may be wrong for a moment, so the job fails only at the shortened deadline.
    await kind.store.shortenDeadline(context.db, row.id, new Date(Date.now() + kind.timing(context.config).goneMs));
    throw error;
  }
  const loss = await advanceJob(context, kind, row.id, lossOf(kind, row, error));
  // Losing a late result changes nothing: the job has ended already.
  if (!loss?.changed && isTerminal(row.status)) {
    context.log.warn({ err: error, ...idOf(kind, row.id) }, 'the files of a late result are lost');
    await kind.store.setNextCheck(context.db, row.id, null);
  }
}

// An invalid product is permanent; everything else is retried.
function lossOf(kind: JobKind, row: JobRow, error: unknown): SignalOf<'give_up'> {
  if (error instanceof PermanentFailure)
    return failed(row, errorOf(kind.failures, error.code, error.detail, row.fal_request_id));
  if (!(error instanceof FalError)) throw error;
  switch (error.code) {
    case 'too_large':
    case 'forbidden_address':
    case 'invalid_safetensors':
    case 'invalid_answer':
      return lost(kind, row, error.message);
    default:
      throw error;
  }
}

function lost({ failures }: Pick<JobKind, 'failures'>, row: JobRow, reason: string): SignalOf<'give_up'> {
  return failed(row, errorOf(failures, failures.product.invalid, { reason }, row.fal_request_id));
}

// fal made something, and is paid for it.
function failed(row: JobRow, error: JobError): SignalOf<'give_up'> {
  return { kind: 'give_up', error, charged: 'yes', from: row.status };
}
