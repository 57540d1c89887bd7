import type { Context } from '../context.ts';
import { transact, type Tx } from '../platform/db/transact.ts';
import { enqueueDeletion } from '../platform/storage/delete-objects.ts';
import { topics as commonTopics } from '../topics.ts';
import { changesOf } from './changes.ts';
import { submitData } from './follow-ups.ts';
import { type Avatar, idOf, type JobKind, type JobRow } from './kind.ts';
import {
  isTerminal,
  type JobEvent,
  type JobState,
  type SignalKind,
  takesRoom,
  type Transition,
  transition,
} from './lifecycle.ts';
import { ownerless } from './ownerless.ts';
import type { Signal } from './signals.ts';

export type Advance<Row extends JobRow> = {
  /** False when the signal has no meaning in the job's state. */
  changed: boolean;
  row: Row;
};

export type Step = { id: string; signal: Signal };

type Needs = Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>;
type Locked<Row extends JobRow> = { row: Row; avatar: Avatar | null };

/**
 * Advances one job in its own unit of work, and logs it: see {@link advanceIn}.
 * @param requestId of the API request that caused it
 * @returns undefined when there is no such job
 */
export async function advanceJob<Row extends JobRow>(
  context: Needs,
  kind: JobKind<Row>,
  id: string,
  signal: Signal,
  requestId?: string,
): Promise<Advance<Row> | undefined> {
  const [advance] = await transact(context, (tx) => advanceIn(tx, context, kind, [{ id, signal }], requestId));
  if (advance?.changed) logAdvance(context, kind, advance, signal);
  return advance;
}

/** Logs a transition, after the commit; progress at debug level. */
export function logAdvance(
  { log }: Pick<Context, 'log'>,
  kind: JobKind,
  { row }: Advance<JobRow>,
  signal: Signal,
): void {
  const { id, fal_request_id, status } = row;
  const level = signal.kind === 'in_queue' || signal.kind === 'in_progress' ? 'debug' : 'info';
  log[level]({ ...idOf(kind, id), fal_request_id, status, signal: signal.kind }, `a ${kind.name} moved`);
}

/**
 * The only way by which paid jobs change: by webhook, poll, worker, clock or people. Locks avatars and rows, asks the
 * state machine, and writes row, projection, event and follow-up job in the caller's unit of work, signal by signal.
 * The caller logs after the commit ({@link logAdvance}).
 * @param requestId of the API request that caused it
 * @returns a result for each step, in order; undefined for a job that does not exist
 */
export async function advanceIn<Row extends JobRow>(
  tx: Tx,
  context: Pick<Context, 'config' | 'jobs'>,
  kind: JobKind<Row>,
  steps: readonly Step[],
  requestId?: string,
): Promise<(Advance<Row> | undefined)[]> {
  const withAvatar = steps.filter(({ signal }) => kind.locksAvatar(signal.kind));
  const locked = await kind.store.lock(tx, idsOf(steps), idsOf(withAvatar));
  const results: (Advance<Row> | undefined)[] = [];
  for (const { id, signal } of steps) {
    const job = locked.get(id);
    const advance = job && (await advanceLocked(tx, context, kind, job, signal, requestId));
    // A later signal for the same job starts from the new row.
    if (job && advance) job.row = advance.row;
    results.push(advance);
  }
  return results;
}

function idsOf(steps: readonly Step[]): string[] {
  return [...new Set(steps.map(({ id }) => id))];
}

async function advanceLocked<Row extends JobRow>(
  tx: Tx,
  { config, jobs }: Pick<Context, 'config' | 'jobs'>,
  kind: JobKind<Row>,
  { row, avatar }: Locked<Row>,
  heard: Signal,
  requestId: string | undefined,
): Promise<Advance<Row>> {
  const unchanged = { changed: false, row };
  const isOwned = row.avatar_id !== null;
  if (!isOwned && heard.kind === 'artifacts') await enqueueDeletion(tx, jobs, kind.objectKeysOf(heard.artifacts));
  const signal = isOwned ? heard : ownerless(kind, row, heard);
  if (signal === null) return unchanged;
  const before = stateOf(row);
  const step = isStale(row, signal) ? 'unchanged' : transition(before, signal.kind);
  if (step === 'unchanged') return unchanged;
  const now = new Date();
  const after = await kind.store.update(tx, row.id, {
    ...changesOf(row, step, signal, now, kind.timing(config), kind.longestRunMs(row, config)),
    ...kind.changes(row, step.to.status, signal),
  });
  await kind.after(tx, after, avatar, now, signal);
  if (step.event !== null && isTold(step.event, row, after)) {
    await kind.publish(tx, step.event, { before: row, row: after, signal, requestId });
  }
  const job = followUp(kind, before, step, signal.kind);
  if (job) {
    const priority = after.fal_priority === 'high' ? 1 : 0;
    await jobs.enqueue(tx, job, submitData(kind, after), { priority });
  }
  wakeAfter(tx, kind, { before, after: step.to, row: after, now });
  return { changed: true, row: after };
}

function wakeAfter(
  tx: Tx,
  { topics }: Pick<JobKind, 'topics'>,
  { before, after, row, now }: { before: JobState; after: JobState; row: JobRow; now: Date },
): void {
  if (after.status === 'queued' || (takesRoom(before) && !takesRoom(after))) tx.wake(commonTopics.dispatch);
  if (before.status === 'preparing' && isTerminal(after.status)) tx.wake(topics.stopped(row.id));
  if (row.next_check_at !== null && row.next_check_at <= now) tx.wake(topics.checks);
}

export function stateOf(row: JobRow): JobState {
  return {
    status: row.status,
    blocked: row.blocked_at !== null,
    submit_unknown: row.submit_unknown_at !== null,
    needs_attention: row.needs_attention_at !== null,
    cancel_requested: row.cancel_requested_at !== null,
    late_result: row.late_artifacts ? 'stored' : row.late_result ? 'reported' : 'none',
  };
}

function isStale(row: JobRow, signal: Signal): boolean {
  if ('from' in signal && signal.from !== row.status) return true;
  if (signal.kind === 'submit' || !('submissionId' in signal) || signal.submissionId === undefined) return false;
  return signal.submissionId !== row.submission_id;
}

// Published once for each reason.
function isTold(event: JobEvent, before: JobRow, after: JobRow): boolean {
  return event !== 'blocked' || before.blocked_reason !== after.blocked_reason;
}

function followUp({ jobs }: Pick<JobKind, 'jobs'>, before: JobState, { to }: Transition, signal: SignalKind) {
  if (signal === 'prepare') return jobs.submit;
  if (signal === 'success') return jobs.verify;
  const hasJobAtFal = to.status === 'in_queue' || to.status === 'in_progress';
  if (signal === 'cancel' && hasJobAtFal) return jobs.cancel;
  // A cancellation requested while the outcome of the POST was unknown is executed now.
  if (hasJobAtFal && before.status === 'submitting' && to.cancel_requested) return jobs.cancel;
  return null;
}
