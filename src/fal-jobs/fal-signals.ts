import type { Charged, LogLine, ResultSource } from '../platform/db/schema.ts';
import { FalError } from '../fal/errors.ts';
import { storableText } from '../fal/lossless-json.ts';
import type { FalFailure, FalLogLine, ResultOutcome, StatusOutcome, SubmitOutcome } from '../fal/outcomes.ts';
import { databaseFault, isRetryable } from '../platform/db/faults.ts';
import { StorageError } from '../platform/storage/storage.ts';
import type { WebhookBody } from '../fal/webhook-body.ts';
import { blockedReason, chargedFor, errorOf, errorOfFailure, type Failures, isCancellation } from './failures.ts';
import { isTerminal } from './lifecycle.ts';
import type { Signal, SignalOf } from './signals.ts';
import { PermanentFailure } from './permanent-failure.ts';
import type { JobKind, JobRow } from './kind.ts';

/* What fal's answers mean as signals: upload, POST, status, result, webhook and records. All pure. */

type Kind<Row extends JobRow> = Pick<JobKind<Row>, 'failures' | 'holdsProduct'>;
type Told = {
  falRequestId: string;
  gatewayRequestId: string | null;
  source: ResultSource;
  logs: LogLine[] | null;
  billedUnits?: number;
};

/** A success without a file is a failure. */
export function signalOfSuccess<Row extends JobRow>(
  kind: Kind<Row>,
  row: Row,
  data: unknown,
  raw: string,
  told: Told,
): Signal {
  const { falRequestId, source, logs } = told;
  if (kind.holdsProduct(row, data)) return { kind: 'success', raw, ...told };
  return {
    kind: 'failure',
    falRequestId,
    error: errorOf(kind.failures, kind.failures.product.missing, { result: data }, falRequestId),
    charged: 'unknown',
    source,
    logs,
    ...(told.billedUnits !== undefined && { billedUnits: told.billedUnits }),
  };
}

/** A job that was cancelled on request is cancelled, not failed. */
export function signalOfFailure<Row extends JobRow>(
  kind: Kind<Row>,
  row: Row,
  failure: FalFailure,
  told: Omit<Told, 'gatewayRequestId'>,
): Signal {
  const { falRequestId, source, logs } = told;
  if (row.cancel_requested_at !== null && isCancellation(kind.failures, failure)) {
    const charged = failure.billableUnits === null ? chargedWhenCancelled(row) : chargedFor(failure);
    return { kind: 'cancelled', charged, source };
  }
  return {
    kind: 'failure',
    falRequestId,
    error: errorOfFailure(kind.failures, { ...failure, falRequestId }),
    charged: chargedFor(failure),
    source,
    logs,
    ...(failure.billableUnits !== null && { billedUnits: failure.billableUnits }),
  };
}

/** Null when the queue has to be polled (fal contract §2.1, `payload_error`). */
export function signalOfWebhook<Row extends JobRow>(kind: Kind<Row>, row: Row, body: WebhookBody): Signal | null {
  switch (body.kind) {
    case 'ok': {
      const { falRequestId, gatewayRequestId } = body;
      return signalOfSuccess(kind, row, body.payload, body.payloadText, {
        falRequestId,
        gatewayRequestId,
        source: 'webhook',
        logs: null,
      });
    }
    case 'error':
      return signalOfFailure(kind, row, body.failure, {
        falRequestId: body.falRequestId,
        source: 'webhook',
        logs: null,
      });
    case 'payload_error':
    case 'unreadable':
      return null;
  }
}

/** Null when the answer settles nothing yet. */
export function signalOfResult<Row extends JobRow>(
  kind: Kind<Row>,
  row: Row,
  falRequestId: string,
  outcome: ResultOutcome,
  logs: LogLine[] | null,
): Signal | null {
  switch (outcome.kind) {
    case 'ok': {
      const told: Told = {
        falRequestId,
        gatewayRequestId: row.gateway_request_id,
        source: 'poll',
        logs,
        ...(outcome.billableUnits !== null && { billedUnits: outcome.billableUnits }),
      };
      return signalOfSuccess(kind, row, outcome.data, outcome.raw, told);
    }
    case 'failed':
      return signalOfFailure(kind, row, outcome.failure, { falRequestId, source: 'poll', logs });
    case 'gone':
      return {
        kind: 'give_up',
        error: errorOf(kind.failures, 'result-expired', null, falRequestId),
        charged: 'unknown',
        from: row.status,
      };
    case 'not_ready':
    case 'unavailable':
      return null;
  }
}

/**
 * @param result the answer to the request for the result, made when the status is COMPLETED
 * @returns null when nothing was learned
 */
export function signalOfStatus<Row extends JobRow>(
  kind: Kind<Row>,
  row: Row,
  falRequestId: string,
  status: StatusOutcome,
  result: ResultOutcome | null,
): Signal | null {
  switch (status.kind) {
    case 'in_queue':
      return { kind: 'in_queue' };
    case 'in_progress':
      return { kind: 'in_progress', logs: logLines(status.logs) };
    case 'completed':
    case 'failed': {
      const logs = logLines(status.logs);
      const told = result && signalOfResult(kind, row, falRequestId, result, logs);
      if (status.kind === 'completed' || result?.kind === 'failed') return told;
      const failure = failureOfStatus(kind, status, falRequestId);
      return signalOfFailure(kind, row, failure, { falRequestId, source: 'poll', logs });
    }
    case 'not_found':
      // A cancelled job may leave fal's queue without a trace (fal contract §1.6). It is still polled until its
      // deadline, since fal may have gone on.
      if (row.cancel_requested_at === null || isTerminal(row.status)) return null;
      return { kind: 'cancelled', charged: chargedWhenCancelled(row), source: 'poll' };
    case 'refused':
    case 'unavailable':
      return null;
  }
}

// The result of a failed job may be gone while its status still has the failure.
function failureOfStatus(
  { failures }: Pick<JobKind, 'failures'>,
  status: Extract<StatusOutcome, { kind: 'failed' }>,
  falRequestId: string,
): FalFailure {
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
  return isCancellation(failures, failure) ? { ...failure, status: 499 } : failure;
}

export function logLines(lines: readonly FalLogLine[]): LogLine[] {
  return lines.map(({ message, timestamp, level }) => ({ message, timestamp, level }));
}

/**
 * What a failure of preparation or upload means. Nothing is paid before the POST, so every outcome is free.
 * @throws `error` itself when preparation is to be retried
 */
export function signalOfUpload(
  { failures }: Pick<JobKind, 'failures'>,
  error: unknown,
): SignalOf<'blocked' | 'give_up'> {
  const from = 'preparing';
  if (error instanceof PermanentFailure) {
    return { kind: 'give_up', error: errorOf(failures, error.code, error.detail, null), charged: 'no', from };
  }
  if (error instanceof FalError && error.code === 'refused' && error.failure) {
    const reason = blockedReason(error.failure);
    if (reason) return { kind: 'blocked', reason, from };
    return { kind: 'give_up', error: errorOfFailure(failures, error.failure), charged: 'no', from };
  }
  if (error instanceof FalError && error.code !== 'aborted') {
    return { kind: 'blocked', reason: 'provider-unavailable', from };
  }
  // The store, or the disk for temporary files: jobs that need neither may go first.
  if (error instanceof StorageError || (isSystemError(error) && databaseFault(error) === null)) {
    return { kind: 'blocked', reason: 'storage-unavailable', from };
  }
  if (isRetryable(error) || isAbort(error)) throw error;
  return unprepared(failures, error instanceof Error ? error.message : String(error));
}

export function unprepared(
  failures: Failures,
  reason: string,
  from: 'preparing' | 'queued' = 'preparing',
): SignalOf<'give_up'> {
  const error = errorOf(failures, 'preparation-failed', { reason: storableText(reason).slice(0, 300) }, null);
  return { kind: 'give_up', error, charged: 'no', from };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof FalError ||
    (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
  );
}

/** Possible outcomes of the one POST. */
export type Answer = SignalOf<'accepted' | 'blocked' | 'submit_unknown' | 'give_up'>;

export function signalOfSubmit({ failures }: Pick<JobKind, 'failures'>, outcome: SubmitOutcome): Answer {
  const from = 'submitting';
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'accepted', falRequestId: outcome.falRequestId, gatewayRequestId: outcome.gatewayRequestId };
    case 'refused': {
      const reason = blockedReason(outcome.failure) ?? (isOutage(outcome.failure) ? 'provider-unavailable' : null);
      if (reason) return { kind: 'blocked', reason, from };
      return { kind: 'give_up', error: errorOfFailure(failures, outcome.failure), charged: 'no', from };
    }
    case 'unknown':
      if (!outcome.sent) return { kind: 'blocked', reason: 'provider-unavailable', from };
      return { kind: 'submit_unknown', reason: outcome.reason };
  }
}

// A 500 that says why nothing was queued is fal's failure, not the job's (fal contract §5.4).
function isOutage({ status }: FalFailure): boolean {
  return status !== null && status >= 500;
}

/** For a submission of unknown outcome whose request was found, in fal's records or by a person. */
export function signalOfFound(row: JobRow, falRequestId: string): SignalOf<'accepted'> {
  return { kind: 'accepted', falRequestId, gatewayRequestId: null, ...submissionOf(row) };
}

/** Limits a signal to a submission: it has no meaning for a later one. */
export function submissionOf({ submission_id: submissionId }: JobRow): { submissionId?: string } {
  return submissionId === null ? {} : { submissionId };
}

/** Time in fal's queue is free (fal contract §1.7); the cost of a stopped run is not reported. */
export function chargedWhenCancelled({ status }: Pick<JobRow, 'status'>): Charged {
  return status === 'in_progress' ? 'unknown' : 'no';
}
