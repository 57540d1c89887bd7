import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { FoundRequest } from '../fal/outcomes.ts';
import type { avatars, JobStatus } from '../platform/db/schema.ts';
import type { Tx } from '../platform/db/transact.ts';
import type { Topic } from '../topics.ts';
import type { Failures } from './failures.ts';
import type { FollowUps, KindName } from './follow-ups.ts';
import type { JobEvent, SignalKind } from './lifecycle.ts';
import type { Signal, SignalOf } from './signals.ts';
import type { JobStore } from './store.ts';
import type { JobRow } from './table.ts';

export type { JobRow } from './table.ts';
export type Avatar = typeof avatars.$inferSelect;

/** Known before the one POST. */
export type Prepared = {
  submissionId: string;
  falInput: Record<string, unknown>;
  /** Of the submission alone, and to be found in fal's records; null where the input as a whole tells it. */
  marker: string | null;
};

/** Durations of one kind of job. */
export type Timing = {
  /** From the submission to the first poll, and between further ones. */
  pollFirstMs: number;
  pollMs: number;
  /** How long the job may wait in fal's queue. */
  startTimeoutSeconds: number;
  /** For how long fal is asked to keep the files of a result. */
  outputExpirySeconds: number;
  /** How long a result is tried to be fetched. */
  verifyingMs: number;
  /** How long they are tried after fal has said that they are gone. */
  goneMs: number;
  /** How long fal is asked after a job that ended here. */
  lateMs: number;
  /** How long a job waits for its turn, or for fal to accept it. */
  blockedMaxMs: number;
  /** How long a submission of unknown outcome is pursued. */
  unresolvedMaxMs: number;
};

/** Most jobs of a kind at fal at once, and in the queue. */
export type Room = { running: number; runningPerUser: number; queued: number; queuedPerUser: number };

/** What a kind of paid job adds to the machine. `Stored` is what was kept of a result. */
export type JobKind<Row extends JobRow = JobRow, Stored = unknown> = {
  name: KindName;
  store: JobStore<Row>;
  jobs: FollowUps;
  topics: { checks: Topic; stopped(id: string): Topic };
  failures: Failures;
  timing(config: Pick<Config, 'training' | 'generation' | 'fal'>): Timing;
  room(config: Pick<Config, 'training' | 'generation' | 'fal' | 'limits'>): Room;
  /** Whether a signal changes what the avatar shows; the avatar is then locked before the job. */
  locksAvatar(signal: SignalKind): boolean;
  /** Longest run at fal in milliseconds, from its start. */
  longestRunMs(row: Row, config: Pick<Config, 'training' | 'generation'>): number;
  /**
   * Prepares what the POST sends.
   * @returns null when the job has ended or moved on meanwhile
   * @throws PermanentFailure; FalError, StorageError and others for temporary ones
   */
  prepare(context: Context, row: Row, signal: AbortSignal): Promise<Prepared | null>;
  /** Whether a request in fal's records has the input of the job's submission. */
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
   * @throws PermanentFailure for a product that can not be used; FalError, permanent or temporary
   */
  fetch(
    context: Context,
    row: Row,
    result: unknown,
    isAwaited: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Stored>;
  /** Keys in the object store of what was stored, to be deleted when its avatar is gone. */
  objectKeysOf(stored: Stored): string[];
  /** What a signal writes into the columns of this kind. Pure. */
  changes(row: Row, to: JobStatus, signal: Signal<Stored>): object;
  /** Writes the consequences of the new row, such as the avatar's projection; `signal` is null for a new job. */
  after(tx: Tx, row: Row, avatar: Avatar | null, now: Date, signal: Signal<Stored> | null): Promise<void>;
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
