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
  /** Slots for work that outlives a run; left out when a run completes its work. */
  slots?: number;
  /** Called once in each worker. `stopping` aborts when the worker stops. */
  start: (context: C, stopping: AbortSignal) => Runner;
};

export type Runner = {
  /** Called while a slot is free, if there are slots. @returns true when the batch was full and there may be more */
  run(signal: AbortSignal, slots: Slots): Promise<boolean>;
  /** Called at the end, when no run and no work is left. */
  close?(): Promise<void>;
};

/** Slots for work that a recurring job does not wait for. */
export type Slots = {
  readonly free: number;
  /**
   * Starts work in a free slot; its error is logged.
   * @param work returns true when the job has to run again after it, as for what found no free slot
   * @param limitMs after which the slot is free and the signal of the work aborted; by default that of a run
   */
  begin(work: (signal: AbortSignal) => Promise<boolean>, limitMs?: number): void;
};

/** A job of any data that needs no more of the app than `C`; by default of any needs, so that it can be listed but not run. */
export type Job<C = never> = QueuedJob<C, TSchema, never> | RecurringJob<C>;

/** Handlers must be idempotent: a job runs again after a crash. */
export function defineJob<C, T extends TSchema>(
  job: JobSpec<T> & Partial<Execution> & Handlers<C, Static<T>>,
): QueuedJob<C, T> {
  return { kind: 'queued', concurrency: 2, retryLimit: 200, retryDelayMaxSeconds: 5, expireInSeconds: 900, ...job };
}

type Runs<C> = { run: (context: C, signal: AbortSignal, slots: Slots) => Promise<boolean> };

/** A recurring job that keeps nothing between its runs. */
export function defineRecurringJob<C>({
  run,
  ...job
}: Omit<RecurringJob<C>, 'kind' | 'start'> & Runs<C>): RecurringJob<C> {
  return {
    kind: 'recurring',
    ...job,
    start: (context) => ({ run: (signal, slots) => run(context, signal, slots) }),
  };
}
