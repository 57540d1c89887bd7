import type { Context } from '../context.ts';
import type { FoundRequest } from '../fal/outcomes.ts';
import type { Db } from '../platform/db/client.ts';
import type { Artifacts, avatars, TrainingStatus, trainings } from '../platform/db/schema.ts';
import type { Tx } from '../platform/db/transact.ts';
import type { Reach } from '../platform/http/caller.ts';
import type { Topic } from '../topics.ts';
import type { Failures } from './failures.ts';
import type { FollowUps, KindName } from './follow-ups.ts';
import type { JobEvent, SignalKind } from './lifecycle.ts';
import type { Signal, SignalOf } from './signals.ts';

/** The columns of a paid job, which the table of each kind has beside its own. */
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

export type JobStore<Row extends JobRow> = {
  table: typeof trainings;
  find(db: Db, id: string, reach?: Reach): Promise<Row | undefined>;
  /** Locks rows, and before them the avatars of those in `withAvatar`, in the order of platform/db/lock-order.ts. */
  lock(
    tx: Tx,
    ids: readonly string[],
    withAvatar: readonly string[],
  ): Promise<Map<string, { row: Row; avatar: Avatar | null }>>;
  update(db: Db, id: string, changes: object): Promise<Row>;
  /** Claims due rows for one check each, oldest first; `leases` are in milliseconds. */
  claimDue(db: Db, limit: number, leases: { lookMs: number; restMs: number }): Promise<Row[]>;
  setNextCheck(db: Db, id: string, at: Date | null): Promise<void>;
  shortenDeadline(db: Db, id: string, at: Date): Promise<void>;
};

/** Known before the one POST; `marker` is unique to the submission and searchable in fal's records. */
export type Prepared = { submissionId: string; marker: string; falInput: Record<string, unknown> };

/** What a kind of paid job adds to the machine. */
export type JobKind<Row extends JobRow = JobRow> = {
  name: KindName;
  store: JobStore<Row>;
  jobs: FollowUps;
  topics: { dispatch: Topic; checks: Topic; stopped(id: string): Topic };
  failures: Failures;
  /** Whether a signal changes what the avatar shows; the avatar is then locked before the job. */
  locksAvatar(signal: SignalKind): boolean;
  /** Longest run at fal in milliseconds, from its start. */
  longestRunMs(row: Row): number;
  /**
   * Prepares what the POST sends.
   * @returns null when the job has ended or moved on meanwhile
   * @throws Unpreparable for permanent failures; FalError, StorageError and others for temporary ones
   */
  prepare(context: Context, row: Row, signal: AbortSignal): Promise<Prepared | null>;
  /** Whether a request in fal's records is the job's submission. */
  isOurs(row: Row, found: FoundRequest): boolean;
  /** Whether a result of fal holds the paid product. */
  holdsProduct(row: Row, result: unknown): boolean;
  /** A result as JSON text, reduced to what downloading the product needs. */
  bareResult(row: Row, raw: string): string;
  /** Polls fal before the download for what no webhook carries. @returns the signal to advance with, or null */
  beforeFetch(context: Context, row: Row, signal: AbortSignal): Promise<Signal | null>;
  /**
   * Downloads, verifies and stores the product.
   * @param isAwaited whether the job still waits for it
   * @throws FalError, permanent or temporary
   */
  fetch(
    context: Context,
    row: Row,
    result: unknown,
    isAwaited: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Artifacts>;
  /** What a signal writes into the columns of this kind. Pure. */
  changes(row: Row, to: TrainingStatus, signal: Signal): object;
  /** Writes the consequences of the new row, such as the avatar's projection. */
  after(tx: Tx, row: Row, avatar: Avatar | null, now: Date): Promise<void>;
  /**
   * Publishes the event of a transition, unless the change is too small. `before` and `signal` are null for a new job.
   */
  publish(tx: Tx, event: JobEvent, change: Change<Row>): Promise<void>;
  /** Publishes that fal refuses the account, or accepts it again. */
  announce(tx: Tx, type: 'provider.blocked' | 'provider.recovered', reason: string): Promise<void>;
  countSubmission(context: Pick<Context, 'metrics'>, outcome: SubmissionOutcome): void;
};

export type SubmissionOutcome = SignalOf<'accepted' | 'blocked' | 'submit_unknown' | 'give_up'>['kind'];

/** A transition to publish; `requestId` is that of the API request which caused it. */
export type Change<Row> = {
  before: Row | null;
  row: Row;
  signal: Signal | null;
  requestId: string | undefined;
};

export function idOf({ name }: Pick<JobKind, 'name'>, id: string): Record<string, string> {
  return { [`${name}_id`]: id };
}

export function extensionsOf({ name }: Pick<JobKind, 'name'>, { id, status }: JobRow): Record<string, string> {
  return { [`${name}_id`]: id, [`${name}_status`]: status };
}
