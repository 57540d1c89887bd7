import type { Static, TSchema } from 'typebox';
import type { Topic } from '../../topics.ts';

/** What enqueueing needs, without the handler. */
export type JobSpec<T extends TSchema = TSchema, D = Static<T>> = {
  name: string;
  data: T;
  /** At most one job per key exists, waiting or running; another is dropped. */
  key?: (data: D) => string;
};

type Execution = {
  /** Concurrent runs in one worker. */
  concurrency: number;
  /** Retries of a failed run, with growing gaps, before the job counts as failed. */
  retryLimit: number;
  /** Longest gap in seconds: how long after an outage a stopped job may wait. */
  retryDelayMaxSeconds: number;
  /** Seconds until a run is given to another worker. */
  expireInSeconds: number;
};

type Handlers<C, D> = {
  run: (context: C, data: D, signal: AbortSignal) => Promise<void>;
  /**
   * What remains to be done when the data itself makes the work impossible; the job then ends instead of being
   * retried.
   */
  giveUp?: (context: C, data: D) => Promise<void>;
};

/** A queued job, kept by pg-boss until done and run at least once. `C` is what it needs of the app. */
export type QueuedJob<C, T extends TSchema = TSchema, D = Static<T>> = { kind: 'queued' } & JobSpec<T, D> &
  Execution &
  Handlers<C, D>;

/**
 * Recurring work. Every worker runs it at intervals, and at once on wake-up; it claims its work in SQL, so any number
 * of workers may run it at once. `C` is what it needs of the app.
 */
export type RecurringJob<C> = {
  kind: 'recurring';
  name: string;
  /** Topic that runs it early. */
  topic?: Topic;
  everyMs: (context: C) => number;
  /** Pieces of work that may outlive a run; 0 when the run completes its work. */
  places?: number;
  /** For a run that lasts until the process stops, without a limit. */
  isEndless?: boolean;
  /** @returns true when the batch was full and there may be more */
  run: (context: C, signal: AbortSignal, places: Places) => Promise<boolean>;
};

/** Slots for work that a recurring job does not wait for. */
export type Places = {
  readonly free: number;
  /** Starts work in a free slot; errors are logged. The job runs again once a slot is free. */
  begin(work: () => Promise<void>): void;
};

/** A job of any data that needs no more of the app than `C`; by default of any needs, so that it can be listed but not run. */
export type Job<C = never> = QueuedJob<C, TSchema, never> | RecurringJob<C>;

/** Handlers must be idempotent: a job runs again after a crash. */
export function defineJob<C, T extends TSchema>(
  job: JobSpec<T> & Partial<Execution> & Handlers<C, Static<T>>,
): QueuedJob<C, T> {
  return { kind: 'queued', concurrency: 2, retryLimit: 200, retryDelayMaxSeconds: 5, expireInSeconds: 900, ...job };
}

export function defineRecurringJob<C>(job: Omit<RecurringJob<C>, 'kind'>): RecurringJob<C> {
  return { kind: 'recurring', ...job };
}
