import type { Context } from '../context.ts';
import { defineRecurringJob } from '../platform/jobs/define.ts';
import { transact } from '../platform/db/transact.ts';
import { topics } from '../topics.ts';
import { inSpan, type SpanOptions } from '../platform/trace/trace.ts';
import { advanceByAnswer } from './bare-signal.ts';
import { errorOf } from './failures.ts';
import { jobDataOf, submitTraining, verifyTraining } from '../features/trainings/follow-ups.ts';
import { lateGapMs, outageGapMs, searchGapMs } from './backoff.ts';
import { isOverdue, overdue, pollTraining } from './poll.ts';
import { settleSubmission } from './reconcile-submission.ts';
import type { Signal } from './signals.ts';
import { claimDueTrainings, setNextCheck, type Training } from '../features/trainings/store.ts';

/** Looks that one worker has under way at a time. */
const looks = 20;
/**
 * When the next look is due whatever comes of this one, in milliseconds: one at fal that is cut off by the death of its
 * process is soon made again, while what a job of ours works on is left to it for longer.
 */
const leases = { lookMs: 25_000, restMs: 60_000 };

/**
 * The clock of every training: polls what runs at fal, settles what is unknown, lets in what was blocked, finds jobs
 * that were lost, and ends what is overdue. What is due stands in the database, so that a restart loses nothing.
 */
export const checkTrainingsJob = defineRecurringJob({
  name: 'training.check',
  topic: topics.trainingChecks,
  everyMs: (config) => config.training.checkIntervalMs,
  places: looks,
  async run(context, signal, places) {
    const { free } = places;
    const due = free === 0 ? [] : await claimDueTrainings(context.db, free, leases);
    // Each by itself: an answer that fal owes to one training holds up no other.
    for (const training of due) {
      places.begin(() =>
        inSpan('training.check', spanOf(training), () => checkTraining(context, training, signal)).catch(
          (error: unknown) => {
            context.log.error({ err: error, training_id: training.id }, 'a look at a training failed and is repeated');
          },
        ),
      );
    }
    return false;
  },
});

function spanOf({ id, status, traceparent }: Training): SpanOptions {
  return { parent: traceparent, attributes: { 'likeness.training_id': id, 'likeness.training_status': status } };
}

/** Looks at one training whose time has come. */
export async function checkTraining(context: Context, training: Training, signal: AbortSignal): Promise<void> {
  const told = await lookAt(context, training, signal).catch((error: unknown) => {
    if (signal.aborted || !isOverdue(context, training)) throw error;
    context.log.error({ err: error, training_id: training.id }, 'a training whose looks fail is over its time');
    return overdue(training);
  });
  const advance = told && (await advanceByAnswer(context, training, told));
  if (advance?.changed) return;
  const next = nextLook(context, training, told);
  if (next !== 'as claimed') await setNextCheck(context.db, training.id, next);
}

function nextLook({ config }: Context, training: Training, told: Signal | null): Date | null | 'as claimed' {
  const now = Date.now();
  switch (training.status) {
    case 'submitting':
      return new Date(now + searchGapMs(training, config.training, now));
    case 'in_queue':
    case 'in_progress':
      return new Date(now + (told ? config.training.pollMs : outageGapMs(config.training.pollMs)));
    case 'failed':
    case 'cancelled':
      // No late result, or its files are lost: nothing is left to look for.
      if (told) return null;
      return training.late_result === null ? new Date(now + lateGapMs(training, config.training, now)) : 'as claimed';
    default:
      // A job of ours works on it.
      return 'as claimed';
  }
}

async function lookAt(context: Context, training: Training, signal: AbortSignal): Promise<Signal | null> {
  switch (training.status) {
    case 'queued':
    case 'preparing':
      return admit(context, training);
    case 'submitting':
      return settleSubmission(context, training, signal);
    case 'in_queue':
    case 'in_progress':
      return pollTraining(context, training, signal);
    case 'verifying':
      return verifyAgain(context, training);
    case 'failed':
    case 'cancelled':
      if (training.late_result === null) return postscript(context, training, signal);
      // Whoever deleted the avatar wants nothing more of it.
      return training.avatar_id === null ? giveUpLate(training) : verifyAgain(context, training);
    case 'succeeded':
      return null;
  }
}

// Not sent yet, and therefore free to give up.
async function admit(context: Context, training: Training): Promise<Signal | null> {
  if (training.deadline_at.getTime() <= Date.now()) {
    const detail = { blocked_reason: training.blocked_reason, waited_since: training.created_at.toISOString() };
    const code = training.blocked_reason ? 'provider-blocked' : 'queue-timeout';
    return { kind: 'give_up', error: errorOf(code, detail, null), charged: 'no', from: training.status };
  }
  if (training.status === 'preparing') {
    await transact(context, (tx) => context.jobs.enqueue(tx, submitTraining, jobDataOf(training)));
  }
  return null;
}

// Word of it came after its end, or with its end and without log and bill; or fal may still succeed with what was given up.
async function postscript(context: Context, training: Training, signal: AbortSignal): Promise<Signal | null> {
  const told = await pollTraining(context, training, signal);
  if (told?.kind === 'failure') return { kind: 'postscript', logs: told.logs, charged: told.charged };
  return told?.kind === 'in_queue' || told?.kind === 'in_progress' ? null : told;
}

// Changes nothing about a training that has ended, and ends the looks at it.
function giveUpLate({ status: from, fal_request_id: falRequestId }: Training): Signal {
  return { kind: 'give_up', error: errorOf('deadline-exceeded', null, falRequestId), charged: 'unknown', from };
}

async function verifyAgain(context: Context, training: Training): Promise<Signal | null> {
  if (training.deadline_at.getTime() <= Date.now()) {
    const error = errorOf('artifact-unavailable', null, training.fal_request_id);
    return { kind: 'give_up', error, charged: 'yes', from: training.status };
  }
  await transact(context, (tx) => context.jobs.enqueue(tx, verifyTraining, { training_id: training.id }));
  return null;
}
