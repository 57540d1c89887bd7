import type { Static, TSchema } from 'typebox';
import type { Config } from '../../config.ts';
import type { Context } from '../../context.ts';
import type { Topic } from '../../topics.ts';

/** What is needed to enqueue a job without knowing its handler. */
export type JobSpec<T extends TSchema = TSchema> = {
  name: string;
  data: T;
  /** At most one job per key exists, waiting or running; another is dropped. */
  key?: (data: Static<T>) => string;
};

/** A queued job, kept by pg-boss until done and run at least once. */
export type QueuedJob<T extends TSchema = TSchema> = JobSpec<T> & {
  kind: 'queued';
  /** Jobs that run at once in one worker. */
  concurrency: number;
  /** Retries of a failed run, with growing gaps, before the job counts as failed. */
  retryLimit: number;
  /** Longest gap in seconds: how long after an outage a stopped job may wait. */
  retryDelayMaxSeconds: number;
  /** Seconds until a run is given to another worker. */
  expireInSeconds: number;
  run: (context: Context, data: Static<T>, signal: AbortSignal) => Promise<void>;
  /**
   * What remains to be done when the data itself makes the work impossible; the job then ends instead of being
   * retried.
   */
  giveUp?: (context: Context, data: Static<T>) => Promise<void>;
};

/**
 * Recurring work. Every worker runs it at intervals, and at once on wake-up; it claims its work in SQL, so any number
 * of workers may run it at once.
 */
export type RecurringJob = {
  kind: 'recurring';
  name: string;
  /** Topic that runs it early. */
  topic?: Topic;
  everyMs: (config: Config) => number;
  /** Pieces of work that may outlive a run; 0 when the run completes its work. */
  places?: number;
  /** For a run that goes on until the process stops, and to which no limit applies. */
  isEndless?: boolean;
  /** @returns true when the batch was full and there may be more */
  run: (context: Context, signal: AbortSignal, places: Places) => Promise<boolean>;
};

/** Slots for work that a recurring job does not wait for. */
export type Places = {
  readonly free: number;
  /** Starts work in a free slot; errors are logged. The job runs again once a slot is free. */
  begin(work: () => Promise<void>): void;
};

export type Job = QueuedJob | RecurringJob;

type Defaulted = 'concurrency' | 'retryLimit' | 'retryDelayMaxSeconds' | 'expireInSeconds';

/** Handlers must be idempotent: a job runs again after a crash. */
export function defineJob<T extends TSchema>(
  job: Omit<QueuedJob<T>, 'kind' | Defaulted> & Partial<Pick<QueuedJob<T>, Defaulted>>,
): QueuedJob<T> {
  return { kind: 'queued', concurrency: 2, retryLimit: 200, retryDelayMaxSeconds: 5, expireInSeconds: 900, ...job };
}

export function defineRecurringJob(job: Omit<RecurringJob, 'kind'>): RecurringJob {
  return { kind: 'recurring', ...job };
}
