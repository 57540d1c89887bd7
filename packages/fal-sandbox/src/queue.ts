import { randomUUID } from 'node:crypto';
import type { Context } from './context.ts';
import { faultCatalogue, type FaultRule, imageFaults } from './faults.ts';
import type { Kept } from './journal.ts';
import { type Job, type Moment, type Outcome, type Plan, splitEndpoint, type Submission } from './job.ts';
import { compactJson } from './json.ts';
import { modelOf } from './models/index.ts';
import { infrastructureOutcome } from './outcomes.ts';
import { planRun } from './run.ts';

export type CancelAnswer = 'requested' | 'removed' | 'already_completed' | 'unknown';

export interface Queue {
  accept(submission: Submission): Job;
  get(id: string): Job | null;
  list(): Job[];
  position(job: Job): number;
  length(): number;
  cancel(job: Job, mode: 'completes' | 'vanishes' | 'ignored'): CancelAnswer;
  /** Runs a job to its end at once, regardless of queue and clock. */
  finishNow(job: Job): Promise<void>;
  /** Ends a job with success or the given outcome. */
  complete(job: Job, outcome?: Outcome): Promise<void>;
  resume(kept: Kept): void;
  /** False when the result of an ended job has expired. */
  resultKept(job: Job): boolean;
}

/** fal's queue: jobs wait, run with limited concurrency, and end. `onEnd` is called at each end. */
export function createQueue(context: Context, onEnd: (job: Job) => void): Queue {
  const { clock, settings } = context;
  const jobs = new Map<string, Job>();
  const waiting: Job[] = [];
  const ready = new Set<Job>();
  const running = new Set<Job>();
  const startLimits = new Map<Job, () => void>();
  let order = 0;

  const moment = (): Moment => ({ sandbox: clock.now(), wall: Date.now() });

  function accept(submission: Submission): Job {
    const parts = splitEndpoint(submission.endpoint) ?? { app: submission.endpoint, path: '' };
    const id = randomUUID();
    const faults = drawJobFaults(context, submission, id);
    const job: Job = {
      ...submission,
      ...parts,
      id,
      gatewayId: id,
      order: order++,
      state: 'IN_QUEUE',
      cancelRequested: false,
      sentAt: moment(),
      startedAt: null,
      endedAt: null,
      runsSince: null,
      plan: null,
      outcome: null,
      faults,
    };
    enqueue(job);
    keep(job);
    return job;
  }

  function keep(job: Job): void {
    const { plan: _, ...kept } = job;
    context.journal.note({ kind: 'job', job: kept });
  }

  const passedSince = (since: Moment | null): number => (since ? (clock.now() - since.sandbox) / 1000 : 0);

  function enqueue(job: Job): void {
    jobs.set(job.id, job);
    const behind = waiting.findIndex((other) => other.priority === 'low' && job.priority === 'normal');
    waiting.splice(behind === -1 ? waiting.length : behind, 0, job);
    if (job.startTimeout !== null) {
      startLimits.set(
        job,
        clock.after(job.startTimeout - passedSince(job.sentAt), () => giveUpWaiting(job)),
      );
    }
    if (job.faults.job?.fault !== 'stuck_in_queue') {
      clock.after(settings.queue_seconds - passedSince(job.sentAt), () => {
        if (job.state !== 'IN_QUEUE') return;
        ready.add(job);
        dispatch();
      });
    }
  }

  function dispatch(): void {
    while (running.size < settings.concurrency) {
      const next = waiting.find((job) => ready.has(job));
      if (!next) return;
      start(next);
    }
  }

  function leaveQueue(job: Job): void {
    ready.delete(job);
    startLimits.get(job)?.();
    startLimits.delete(job);
    const index = waiting.indexOf(job);
    if (index !== -1) waiting.splice(index, 1);
  }

  function start(job: Job): void {
    leaveQueue(job);
    running.add(job);
    job.state = 'IN_PROGRESS';
    job.startedAt = moment();
    if (job.faults.job?.fault === 'server_retry') job.gatewayId = randomUUID();
    void clock.track(follow(job));
  }

  async function follow(job: Job): Promise<void> {
    const plan = await planOf(job);
    if (job.state !== 'IN_PROGRESS') return;
    job.plan = plan;
    job.runsSince ??= moment();
    keep(job);
    if (plan.seconds !== null) clock.after(plan.seconds - passedSince(job.runsSince), () => end(job, plan.outcome));
  }

  /** An error of the sandbox itself ends the job like an error of fal's, instead of leaving it open. */
  function planOf(job: Job): Promise<Plan> {
    return planRun(context, job).catch((error: unknown): Plan => {
      context.onError(error);
      const outcome = infrastructureOutcome('internal_error', `The sandbox failed: ${String(error)}`);
      return { lines: () => [], seconds: 0, outcome: () => outcome };
    });
  }

  function end(job: Job, outcome: () => Outcome): void {
    if (job.state === 'COMPLETED' || job.state === 'VANISHED') return;
    leaveQueue(job);
    running.delete(job);
    job.outcome = outcome();
    job.state = 'COMPLETED';
    job.endedAt = moment();
    keep(job);
    onEnd(job);
    dispatch();
  }

  function giveUpWaiting(job: Job): void {
    if (job.state !== 'IN_QUEUE') return;
    const outcome = infrastructureOutcome('request_timeout', 'Request did not start within the requested time');
    outcome.headers['x-fal-request-timeout-type'] = 'user';
    end(job, () => outcome);
  }

  async function finishNow(job: Job): Promise<void> {
    if (job.state === 'IN_QUEUE') start(job);
    const plan = job.plan ?? (await planOf(job));
    job.plan ??= plan;
    job.runsSince ??= moment();
    end(job, plan.outcome);
  }

  return {
    accept,
    get: (id) => jobs.get(id) ?? null,
    list: () => [...jobs.values()],
    position: (job) => Math.max(0, waiting.indexOf(job)),
    length: () => waiting.length,
    finishNow,

    cancel(job, mode) {
      if (job.state === 'VANISHED') return 'unknown';
      if (job.state === 'COMPLETED') return 'already_completed';
      const wasQueued = job.state === 'IN_QUEUE';
      job.cancelRequested = true;
      if (mode === 'vanishes') {
        leaveQueue(job);
        running.delete(job);
        job.state = 'VANISHED';
        dispatch();
      } else if (mode === 'completes') {
        clock.after(wasQueued ? 0 : 1, () => end(job, cancelled));
      }
      keep(job);
      return wasQueued ? 'removed' : 'requested';
    },

    resume(kept) {
      for (const each of kept.jobs.values()) {
        const job: Job = { ...each, plan: null };
        order = Math.max(order, job.order + 1);
        jobs.set(job.id, job);
        if (job.state === 'IN_QUEUE') enqueue(job);
        if (job.state === 'IN_PROGRESS') {
          running.add(job);
          void clock.track(follow(job));
        }
        if (job.cancelRequested && settings.cancel === 'completes') end(job, cancelled);
        if (job.state === 'COMPLETED' && !kept.webhooksEnded.has(job.id)) onEnd(job);
      }
    },

    async complete(job, outcome) {
      if (outcome) end(job, () => outcome);
      else await finishNow(job);
    },

    resultKept(job) {
      if (!job.outcome || !job.endedAt) return true;
      const age = (clock.now() - job.endedAt.sandbox) / 1000;
      const size = resultSize(job.outcome);
      if (settings.payload_storage && job.storeIo && size <= 1_000_000) return age < 30 * 86_400;
      return age < (size >= 10_000 ? settings.large_result_seconds : settings.result_seconds);
    },
  };
}

function cancelled(): Outcome {
  return infrastructureOutcome('client_cancelled', 'Request was cancelled by the client');
}

function drawJobFaults(context: Context, submission: Submission, id: string): Job['faults'] {
  const occasion = { endpoint: submission.endpoint, request_id: id, text: submission.raw };
  const app = splitEndpoint(submission.endpoint)?.app ?? '';
  const others: readonly string[] = modelOf(app) ? [] : imageFaults;
  const names = faultCatalogue.job.filter((name) => !others.includes(name));
  const job: FaultRule | null = context.faults.draw('job', occasion, names)[0] ?? null;
  return { job, webhook: context.faults.draw('webhook', occasion) };
}

function resultSize(outcome: Outcome): number {
  return Buffer.byteLength(compactJson(outcome.body));
}
