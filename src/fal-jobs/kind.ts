import type { Context } from '../context.ts';
import type { FoundRequest } from '../fal/outcomes.ts';
import type { Db } from '../platform/db/client.ts';
import type { Artifacts, avatars, TrainingStatus, trainings } from '../platform/db/schema.ts';
import type { Tx } from '../platform/db/transact.ts';
import type { Reach } from '../platform/http/caller.ts';
import type { Topic } from '../topics.ts';
import type { Failures } from './failures.ts';
import type { FollowUps } from './follow-ups.ts';
import type { JobEvent, SignalKind } from './lifecycle.ts';
import type { Signal, SignalOf } from './signals.ts';

/** The columns of a paid job; the table of each kind holds them beside columns of its own. */
export type JobRow = Pick<
  typeof trainings.$inferSelect,
  | 'id'
  | 'user_id'
  | 'avatar_id'
  | 'attempt'
  | 'endpoint'
  | 'status'
  | 'fal_priority'
  | 'submission_id'
  | 'submissions'
  | 'fal_input'
  | 'fal_request_id'
  | 'gateway_request_id'
  | 'error'
  | 'charged'
  | 'result'
  | 'late_result'
  | 'late_artifacts'
  | 'blocked_reason'
  | 'blocked_at'
  | 'submit_unknown_at'
  | 'needs_attention_at'
  | 'cancel_requested_at'
  | 'created_at'
  | 'updated_at'
  | 'submitted_at'
  | 'accepted_at'
  | 'started_at'
  | 'ended_at'
  | 'next_check_at'
  | 'deadline_at'
  | 'checks'
  | 'traceparent'
>;
export type Avatar = typeof avatars.$inferSelect;

/** How the machine reads and writes the table of a kind. */
export type JobStore<Row extends JobRow> = {
  table: typeof trainings;
  find(db: Db, id: string, reach?: Reach): Promise<Row | undefined>;
  /**
   * Locks rows, and before any of them the avatars of those in `withAvatar`, in the order of platform/db/lock-order.ts.
   */
  lock(
    tx: Tx,
    ids: readonly string[],
    withAvatar: readonly string[],
  ): Promise<Map<string, { row: Row; avatar: Avatar | null }>>;
  update(db: Db, id: string, changes: object): Promise<Row>;
  /** Claims rows whose time has come for one check each, oldest first; `leases` are in milliseconds. */
  claimDue(db: Db, limit: number, leases: { lookMs: number; restMs: number }): Promise<Row[]>;
  setNextCheck(db: Db, id: string, at: Date | null): Promise<void>;
  shortenDeadline(db: Db, id: string, at: Date): Promise<void>;
};

/** What is known before the one POST: `marker` is found again in fal's records, and is unique to the submission. */
export type Prepared = { submissionId: string; marker: string; falInput: Record<string, unknown> };

/** What a kind of paid job adds to the machine: all that the machine does not know about what is made. */
export type JobKind<Row extends JobRow = JobRow> = {
  /** Names ids in logs, problems and the data of jobs: `training` makes `training_id`. */
  name: 'training';
  store: JobStore<Row>;
  jobs: FollowUps;
  topics: { dispatch: Topic; checks: Topic; stopped(id: string): Topic };
  failures: Failures;
  /** Whether a signal of this kind changes what the avatar shows; the avatar is then locked before the job. */
  locksAvatar(signal: SignalKind): boolean;
  /** Milliseconds that a run may take at fal, from its start. */
  longestRunMs(row: Row): number;
  /**
   * Makes ready what the POST sends.
   * @returns null when the job has ended or moved on meanwhile
   * @throws Unpreparable for what lies with the job; FalError, StorageError and others for what passes
   */
  prepare(context: Context, row: Row, signal: AbortSignal): Promise<Prepared | null>;
  /** Whether a request in fal's records is that of the job's submission. */
  isOurs(row: Row, found: FoundRequest): boolean;
  /** Whether a result of fal holds what was paid for. */
  holdsProduct(row: Row, result: unknown): boolean;
  /** A result as JSON text, without all that is not needed to fetch what was paid for. */
  bareResult(row: Row, raw: string): string;
  /**
   * Asks fal before the product is fetched for what no webhook brings.
   * @returns the signal to advance with, or null
   */
  beforeFetch(context: Context, row: Row, signal: AbortSignal): Promise<Signal | null>;
  /**
   * Fetches, checks and stores the product.
   * @param isAwaited whether the job is still there and waits for it
   * @throws FalError for what is lost, and for what passes
   */
  fetch(
    context: Context,
    row: Row,
    result: unknown,
    isAwaited: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Artifacts>;
  /** What a signal writes into the columns that only this kind has. Pure. */
  changes(row: Row, to: TrainingStatus, signal: Signal): object;
  /** Writes what follows from the new row, such as the avatar's projection. */
  after(tx: Tx, row: Row, avatar: Avatar | null, now: Date): Promise<void>;
  /** Publishes the event of a transition, unless nothing worth telling changed. `before` and `signal` are null for a new job. */
  publish(tx: Tx, event: JobEvent, change: Change<Row>): Promise<void>;
  /** Publishes that fal takes no jobs of the account, or takes them again. */
  announce(tx: Tx, type: 'provider.blocked' | 'provider.recovered', reason: string): Promise<void>;
  /** Counts what came of a submission. */
  countSubmission(context: Pick<Context, 'metrics'>, outcome: SubmissionOutcome): void;
};

export type SubmissionOutcome = SignalOf<'accepted' | 'blocked' | 'submit_unknown' | 'give_up'>['kind'];

/** A transition as it is told; `requestId` is that of the call to our API which led to it. */
export type Change<Row> = {
  before: Row | null;
  row: Row;
  signal: Signal | null;
  requestId: string | undefined;
};

/** @returns how a job is named in logs and problems */
export function idOf({ name }: Pick<JobKind, 'name'>, id: string): Record<string, string> {
  return { [`${name}_id`]: id };
}

/** @returns the members by which a problem about a job tells which it is */
export function extensionsOf({ name }: Pick<JobKind, 'name'>, { id, status }: JobRow): Record<string, string> {
  return { [`${name}_id`]: id, [`${name}_status`]: status };
}
