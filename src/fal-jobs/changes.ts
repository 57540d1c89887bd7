import { type SQL, sql } from 'drizzle-orm';
import type { JobStatus } from '../platform/db/schema.ts';
import type { JobRow, Timing } from './kind.ts';
import { isTerminal, type Transition } from './lifecycle.ts';
import type { Signal } from './signals.ts';

export type JobChanges = { [K in keyof JobRow]?: JobRow[K] | SQL };

/** Milliseconds a status may last before the reconciler checks whether its job was lost. */
const restMs = 60_000;
/** Longer for the job that prepares: pg-boss gives it to another worker when its own dies. */
const preparingMs = 900_000;

/**
 * What a transition writes into the columns that every kind has. Pure, with SQL fragments where JSON text is stored
 * unparsed.
 * @param longestRunMs of the job at fal, in milliseconds
 */
export function changesOf(
  row: JobRow,
  { to }: Transition,
  signal: Signal,
  now: Date,
  timing: Timing,
  longestRunMs: number,
): JobChanges {
  const at = (ms: number) => new Date(now.getTime() + ms);
  return {
    status: to.status,
    updated_at: now,
    ...marks(row, to, now),
    ...payload(row, to.status, signal, now),
    ...(isTerminal(to.status) && !isTerminal(row.status) && { ended_at: now }),
    ...clock(row, to.status, signal, at, timing, longestRunMs),
  };
}

function marks(row: JobRow, to: Transition['to'], now: Date): JobChanges {
  return {
    blocked_at: to.blocked ? (row.blocked_at ?? now) : null,
    ...(!to.blocked && { blocked_reason: null }),
    submit_unknown_at: to.submit_unknown ? (row.submit_unknown_at ?? now) : null,
    needs_attention_at: to.needs_attention ? (row.needs_attention_at ?? now) : null,
    cancel_requested_at: to.cancel_requested ? (row.cancel_requested_at ?? now) : null,
  };
}

function payload(row: JobRow, to: JobStatus, signal: Signal, now: Date): JobChanges {
  switch (signal.kind) {
    case 'submit':
      return {
        submission_id: signal.submissionId,
        submissions: row.submissions + 1,
        fal_input: signal.falInput,
        webhook_url: signal.webhookUrl,
        submitted_at: now,
      };
    case 'accepted':
      return { fal_request_id: signal.falRequestId, gateway_request_id: signal.gatewayRequestId, accepted_at: now };
    case 'blocked':
      return to === 'cancelled' ? { charged: 'no' } : { blocked_reason: signal.reason };
    case 'in_queue':
      return { last_status_check: now };
    case 'in_progress':
      return {
        last_status_check: now,
        started_at: row.started_at ?? now,
      };
    case 'success':
      return success(row, to, signal, now);
    case 'failure':
      return {
        error: signal.error,
        charged: signal.charged,
        result_source: signal.source,
        ...(signal.falRequestId && { fal_request_id: signal.falRequestId }),
        ...(signal.source === 'poll' && { last_status_check: now }),
      };
    case 'cancelled':
      return { charged: signal.charged, result_source: signal.source };
    case 'give_up':
      return { error: signal.error, charged: signal.charged };
    case 'cancel':
      return to === 'cancelled' ? { charged: 'no' } : {};
    case 'not_submitted':
      return to === 'cancelled' ? { charged: 'no' } : {};
    case 'artifacts':
      return to === 'succeeded' ? { charged: 'yes' } : {};
    case 'accept_late':
      return {
        result: sql`late_result`,
        error: null,
        charged: 'yes',
      };
    case 'postscript':
      return {
        ...(signal.charged && (row.charged === 'unknown' || signal.charged === 'yes') && { charged: signal.charged }),
      };
    case 'prepare':
    case 'submit_unknown':
    case 'needs_attention':
      return {};
  }
}

function success(row: JobRow, to: JobStatus, signal: Extract<Signal, { kind: 'success' }>, now: Date): JobChanges {
  const result = sql`${signal.raw}::jsonb`;
  const ids = { fal_request_id: signal.falRequestId, gateway_request_id: signal.gatewayRequestId };
  if (to !== 'verifying') return { ...ids, late_result: result, charged: 'yes' };
  return {
    ...ids,
    result,
    result_source: signal.source,
    accepted_at: row.accepted_at ?? now,
    started_at: row.started_at ?? now,
    ...(signal.source === 'poll' && { last_status_check: now }),
  };
}

// The next check, and the deadline.
function clock(
  row: JobRow,
  to: JobStatus,
  signal: Signal,
  at: (ms: number) => Date,
  timing: Timing,
  longestRunMs: number,
): JobChanges {
  if (signal.kind === 'postscript') return isTerminal(to) ? { next_check_at: null } : {};
  const { pollFirstMs, pollMs, verifyingMs, lateMs } = timing;
  const run = timing.startTimeoutSeconds * 1000 + longestRunMs;
  switch (to) {
    case 'queued':
      return waiting(row, at(timing.blockedMaxMs));
    case 'preparing':
      return { next_check_at: at(preparingMs) };
    case 'submitting':
      // Until the outcome is known the deadline stays that of the queue, where the job may return.
      if (signal.kind === 'submit') return { next_check_at: signal.settleAt };
      return signal.kind === 'cancel'
        ? {}
        : { next_check_at: at(pollFirstMs), ...unresolved(row, timing.unresolvedMaxMs) };
    case 'in_queue':
    case 'in_progress':
      return {
        next_check_at: at(row.checks === 0 ? pollFirstMs : spread(pollMs)),
        ...(signal.kind === 'accepted' && { next_check_at: at(spread(pollFirstMs)), deadline_at: at(run) }),
      };
    case 'verifying':
      return { next_check_at: at(restMs), deadline_at: at(verifyingMs) };
    case 'succeeded':
      return { next_check_at: null };
    case 'failed':
    case 'cancelled':
      // A late result is fetched like any other.
      if (signal.kind === 'success') return { next_check_at: at(restMs), deadline_at: at(verifyingMs) };
      // A webhook reports a failure without log and bill: fal is polled for them.
      if (signal.kind === 'failure' && signal.source === 'webhook')
        return { next_check_at: at(0), deadline_at: at(lateMs) };
      return maySucceedYet(row, signal)
        ? { next_check_at: at(pollMs), deadline_at: at(lateMs) }
        : { next_check_at: null };
  }
}

// fal has a job that it has not reported as ended, so it may still succeed after we failed or cancelled it.
function maySucceedYet(row: JobRow, signal: Signal): boolean {
  if (row.fal_request_id === null || isTerminal(row.status) || row.status === 'verifying') return false;
  if (signal.kind === 'give_up') return signal.error.code !== 'result-expired';
  return signal.kind === 'cancelled';
}

// The dispatcher takes it from here; the reconciler only checks the deadline, which runs from the start, or from the
// time when the outcome of a submission became known.
function waiting(row: JobRow, newDeadline: Date): JobChanges {
  const deadline_at = row.submit_unknown_at === null ? row.deadline_at : newDeadline;
  return { next_check_at: deadline_at, deadline_at };
}

function unresolved({ submitted_at }: JobRow, maxMs: number): JobChanges {
  return submitted_at === null ? {} : { deadline_at: new Date(submitted_at.getTime() + maxMs) };
}

/** Jitter: shortens a gap by up to a fifth, so that jobs started together are not polled together. */
function spread(ms: number): number {
  return ms * (0.8 + Math.random() * 0.2);
}
