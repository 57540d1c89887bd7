import type { Context } from '../context.ts';
import { defineRecurringJob, type RecurringJob } from '../platform/jobs/define.ts';
import { transact } from '../platform/db/transact.ts';
import { inSpan, type SpanOptions } from '../platform/trace/trace.ts';
import { advanceByAnswer } from './bare-signal.ts';
import { errorOf } from './failures.ts';
import { lateGapMs, outageGapMs, searchGapMs } from './backoff.ts';
import { isOverdue, overdue, pollJob } from './poll.ts';
import { reconcileSubmission } from './reconcile-submission.ts';
import type { Signal } from './signals.ts';
import { followUpData, submitData } from './follow-ups.ts';
import { idOf, type JobKind, type JobRow, type Timing } from './kind.ts';

/** Concurrent checks of one worker. */
const looks = 20;
/**
 * Milliseconds until the next check if this one sets none. A check at fal that a crash interrupted is soon repeated;
 * work of our own jobs gets longer.
 */
const leases = { lookMs: 25_000, restMs: 60_000 };

/**
 * The clock of paid jobs: polls jobs at fal, settles unknown submissions, finds lost jobs of ours, and enforces
 * deadlines. Due times are in the database, so a restart loses nothing.
 */
export function reconcileJobOf<Row extends JobRow>(kind: JobKind<Row>): RecurringJob<Context> {
  return defineRecurringJob({
    name: `${kind.name}.check`,
    topic: kind.topics.checks,
    everyMs: ({ config }) => config.training.checkIntervalMs,
    slots: looks,
    async run(context, _signal, slots) {
      const { free } = slots;
      const due = await kind.store.claimDue(context.db, free, leases);
      const mayBeMore = due.length === free;
      // Concurrent, since an answer that fal owes to one job must not hold up the others.
      for (const row of due) {
        slots.begin(async (signal) => {
          await inSpan(`${kind.name}.check`, spanOf(kind, row), () => checkOne(context, kind, row, signal)).catch(
            (error: unknown) => {
              const fields = { err: error, ...idOf(kind, row.id) };
              context.log.error(fields, `a check of a ${kind.name} failed and is retried`);
            },
          );
          return mayBeMore;
        });
      }
      return false;
    },
  });
}

function spanOf({ name }: JobKind, { id, status, traceparent }: JobRow): SpanOptions {
  return { parent: traceparent, attributes: { [`likeness.${name}_id`]: id, [`likeness.${name}_status`]: status } };
}

export async function checkOne<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<void> {
  const told = await lookAt(context, kind, row, signal).catch((error: unknown) => {
    if (signal.aborted || !isOverdue(context, kind, row)) throw error;
    context.log.error({ err: error, ...idOf(kind, row.id) }, `a ${kind.name} whose checks fail is past its deadline`);
    return overdue(kind, row);
  });
  const advance = told && (await advanceByAnswer(context, kind, row, told));
  if (advance?.changed) return;
  const next = nextLook(kind.timing(context.config), row, told);
  if (next !== 'as claimed') await kind.store.setNextCheck(context.db, row.id, next);
}

function nextLook(timing: Timing, row: JobRow, told: Signal | null): Date | null | 'as claimed' {
  const now = Date.now();
  switch (row.status) {
    case 'submitting':
      return new Date(now + searchGapMs(row, timing, now));
    case 'in_queue':
    case 'in_progress':
      return new Date(now + (told ? timing.pollMs : outageGapMs(timing.pollMs)));
    case 'failed':
    case 'cancelled':
      // No late result, or its files are lost: nothing remains to be checked.
      if (told) return null;
      return row.late_result === null ? new Date(now + lateGapMs(row, timing, now)) : 'as claimed';
    default:
      // A queued job of ours is working on it.
      return 'as claimed';
  }
}

async function lookAt<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<Signal | null> {
  switch (row.status) {
    case 'queued':
    case 'preparing':
      return expireOrRequeue(context, kind, row);
    case 'submitting':
      return reconcileSubmission(context, kind, row, signal);
    case 'in_queue':
    case 'in_progress':
      return pollJob(context, kind, row, signal);
    case 'verifying':
      return verifyAgain(context, kind, row);
    case 'failed':
    case 'cancelled':
      if (row.late_result === null) return postscript(context, kind, row, signal);
      // The owner deleted the avatar, so the result is not fetched.
      return row.avatar_id === null ? overdue(kind, row) : verifyAgain(context, kind, row);
    case 'succeeded':
      return null;
  }
}

// Not sent yet, so failing it is free.
async function expireOrRequeue(context: Context, kind: JobKind, row: JobRow): Promise<Signal | null> {
  if (row.deadline_at.getTime() <= Date.now()) {
    const detail = { blocked_reason: row.blocked_reason, waited_since: row.created_at.toISOString() };
    const code = row.blocked_reason ? 'provider-blocked' : 'queue-timeout';
    return { kind: 'give_up', error: errorOf(kind.failures, code, detail, null), charged: 'no', from: row.status };
  }
  if (row.status === 'preparing') {
    await transact(context, (tx) => context.jobs.enqueue(tx, kind.jobs.submit, submitData(kind, row)));
  }
  return null;
}

// After the end: fetches the final log and bill of a job that ended without them, or a late success.
async function postscript<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<Signal | null> {
  const told = await pollJob(context, kind, row, signal);
  if (told?.kind === 'failure') return { kind: 'postscript', logs: told.logs, charged: told.charged };
  return told?.kind === 'in_queue' || told?.kind === 'in_progress' ? null : told;
}

async function verifyAgain(context: Context, kind: JobKind, row: JobRow): Promise<Signal | null> {
  if (row.deadline_at.getTime() <= Date.now()) {
    const error = errorOf(kind.failures, kind.failures.product.unavailable, null, row.fal_request_id);
    return { kind: 'give_up', error, charged: 'yes', from: row.status };
  }
  await transact(context, (tx) => context.jobs.enqueue(tx, kind.jobs.verify, followUpData(kind, row)));
  return null;
}
