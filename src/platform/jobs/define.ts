import type { Static, TSchema } from 'typebox';
import type { Config } from '../../config.ts';
import type { Context } from '../../context.ts';
import type { Topic } from '../../topics.ts';

/** What an enqueued job is known by: enough to enqueue it without knowing how it is done. */
export type JobKind<T extends TSchema = TSchema> = {
  name: string;
  data: T;
  /** Of jobs with the same key one exists at a time, waiting or running; another is dropped. */
  key?: (data: Static<T>) => string;
};

/** Work that is enqueued, kept by pg-boss until it is done, and run by some worker at least once. */
export type QueuedJob<T extends TSchema = TSchema> = JobKind<T> & {
  kind: 'queued';
  /** How many run at a time in one worker. */
  concurrency: number;
  /** How often a run that threw is repeated, with growing gaps, before the job counts as failed. */
  retryLimit: number;
  /** The longest of these gaps, in seconds: so long after its end an outage still holds up what it stopped. */
  retryDelayMaxSeconds: number;
  /** Seconds a run may take before it is given to another worker. */
  expireInSeconds: number;
  run: (context: Context, data: Static<T>, signal: AbortSignal) => Promise<void>;
  /**
   * What is left to do when the data itself makes the work impossible: the job ends then instead of being repeated.
   * Left out where nothing waits for it.
   */
  giveUp?: (context: Context, data: Static<T>) => Promise<void>;
};

/**
 * Work that looks for what is due. Each worker runs it every so often, and at once when its topic is woken; what it
 * finds it claims in SQL, so that any number of workers may run it side by side.
 */
export type RecurringJob = {
  kind: 'recurring';
  name: string;
  /** The wake-up that runs it before its time. Left out of one whose time is soon enough. */
  topic?: Topic;
  everyMs: (config: Config) => number;
  /** How many pieces of work it may have begun and not ended: 0, for one that does all within its run. */
  places?: number;
  /** @returns true when it stopped at its batch size and should run again at once */
  run: (context: Context, signal: AbortSignal, places: Places) => Promise<boolean>;
};

/** Where a recurring job puts work that others needn't wait for. */
export type Places = {
  readonly free: number;
  /** Begins the work and doesn't wait for it; what it throws is logged. The job runs again once a place is free. */
  begin(work: () => Promise<void>): void;
};

export type Job = QueuedJob | RecurringJob;

type Defaulted = 'concurrency' | 'retryLimit' | 'retryDelayMaxSeconds' | 'expireInSeconds';

/** Defines a job. Handlers owe idempotence: a job runs again after a crash. */
export function defineJob<T extends TSchema>(
  job: Omit<QueuedJob<T>, 'kind' | Defaulted> & Partial<Pick<QueuedJob<T>, Defaulted>>,
): QueuedJob<T> {
  return { kind: 'queued', concurrency: 2, retryLimit: 200, retryDelayMaxSeconds: 5, expireInSeconds: 900, ...job };
}

/** Defines a recurring job. */
export function defineRecurringJob(job: Omit<RecurringJob, 'kind'>): RecurringJob {
  return { kind: 'recurring', ...job };
}
