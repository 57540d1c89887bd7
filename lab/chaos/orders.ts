import { randomUUID } from 'node:crypto';
import { stateOf } from '../../src/fal-jobs/advance.ts';
import { isTerminal, type SignalKind } from '../../src/fal-jobs/lifecycle.ts';
import { projection } from '../../src/features/trainings/project.ts';
import type { Signal } from '../../src/fal-jobs/signals.ts';
import { type Avatar, aTraining, anAvatar, type Training } from '../ground/training.ts';
import { advanced, signalOf } from '../ground/signals.ts';
import type { Random } from '../ground/random.ts';

/* Random orders of signals about the trainings of one avatar, and the rules that hold in every one of them. */

/** What comes next: a signal about one of the avatar's trainings, or a new attempt. */
export type Step = { attempt: number; signal: Signal } | 'again';

export type Story = { avatar: Avatar; trainings: Training[] };

export const noStory = (): Story => ({ avatar: anAvatar(), trainings: [aTraining({ id: randomUUID() })] });

// The likely ones more than once, so that many orders get far; the others because they come as well.
const kinds: readonly SignalKind[] = [
  ...(['prepare', 'prepare', 'submit', 'submit', 'submit', 'accepted', 'accepted', 'accepted'] as const),
  ...(['in_queue', 'in_progress', 'in_progress', 'success', 'success', 'success', 'artifacts', 'artifacts'] as const),
  ...(['artifacts', 'failure', 'cancelled', 'blocked', 'submit_unknown', 'not_submitted', 'needs_attention'] as const),
  ...(['give_up', 'cancel', 'cancel', 'accept_late', 'accept_late', 'postscript'] as const),
];
const otherStatuses = ['queued', 'preparing', 'submitting', 'in_queue', 'in_progress', 'verifying', 'failed'] as const;

/** Draws the next step: mostly about the newest attempt, sometimes about an older one, sometimes out of date. */
export function drawStep(random: Random, { trainings }: Story): Step {
  const latest = trainings.length - 1;
  const newest = trainings[latest];
  if (newest && isTerminal(newest.status) && random.chance(0.2)) return 'again';
  const attempt = random.chance(0.8) ? latest : random.below(trainings.length);
  const training = trainings[attempt];
  if (!training) throw new Error('an avatar without a training has no story');
  return { attempt, signal: drawSignal(random, training) };
}

// Whoever speaks of a job was told its token, or its request, which a training has once it was submitted.
const early: readonly SignalKind[] = [
  ...([
    'prepare',
    'prepare',
    'prepare',
    'prepare',
    'prepare',
    'submit',
    'submit',
    'submit',
    'submit',
    'submit',
  ] as const),
  ...(['blocked', 'blocked', 'give_up', 'cancel', 'accept_late'] as const),
];

function drawSignal(random: Random, training: Training): Signal {
  const signal = signalOf(random.pick(training.submission_id === null ? early : kinds), training);
  if (signal.kind === 'submit') return { ...signal, submissionId: randomUUID() };
  const isAboutSubmission =
    'submissionId' in signal ||
    ['accepted', 'submit_unknown', 'not_submitted', 'needs_attention'].includes(signal.kind);
  const submissionId = random.chance(0.15) ? randomUUID() : training.submission_id;
  const about = isAboutSubmission && submissionId !== null && random.chance(0.7) ? { submissionId } : {};
  const from = 'from' in signal && random.chance(0.15) ? { from: random.pick(otherStatuses) } : {};
  return { ...signal, ...about, ...from };
}

/** @returns the story one step on, as advance.ts goes on under the locks of avatar and training */
export function tell(story: Story, step: Step, now: Date): Story {
  if (step === 'again') {
    const training = aTraining({ id: randomUUID(), attempt: story.trainings.length + 1 });
    return projected({ ...story, trainings: [...story.trainings, training] });
  }
  const trainings = story.trainings.map((training, index) =>
    index === step.attempt && !isStale(training, step.signal) ? advanced(training, step.signal, now) : training,
  );
  return projected({ ...story, trainings });
}

function projected({ avatar, trainings }: Story): Story {
  const latest = trainings.at(-1);
  const succeeded = trainings.findLast(({ status }) => status === 'succeeded');
  if (!latest) return { avatar, trainings };
  return { avatar: { ...avatar, ...projection(avatar, latest, succeeded) }, trainings };
}

function isStale(training: Training, signal: Signal): boolean {
  if ('from' in signal && signal.from !== training.status) return true;
  if (signal.kind === 'submit' || !('submissionId' in signal) || signal.submissionId === undefined) return false;
  return signal.submissionId !== training.submission_id;
}

const ends = ['succeeded', 'failed', 'cancelled'];
/** Written by hand from the design of the states, not from the code that is tried. */
const legal: Record<string, readonly string[]> = {
  queued: ['preparing', 'failed', 'cancelled'],
  preparing: ['submitting', 'queued', 'failed', 'cancelled'],
  submitting: ['in_queue', 'queued', 'verifying', 'failed', 'cancelled'],
  in_queue: ['in_progress', 'verifying', 'failed', 'cancelled'],
  in_progress: ['verifying', 'failed', 'cancelled'],
  verifying: ['succeeded', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** @returns the rules that one step has broken, in words */
export function brokenRules(before: Story, step: Step, after: Story): string[] {
  const broken = after.trainings.flatMap((training, index) => {
    const earlier = before.trainings[index];
    return [...rulesOfRow(training), ...(earlier ? rulesOfStep(earlier, step, training) : [])];
  });
  return [...broken, ...rulesOfAvatar(before, after)];
}

function rulesOfStep(before: Training, step: Step, after: Training): string[] {
  const isTaken = step !== 'again' && step.signal.kind === 'accept_late' && before.late_artifacts !== null;
  const moved = before.status !== after.status;
  return brokenOf({
    'a terminal state was left': !ends.includes(before.status) || !moved || isTaken,
    'an illegal transition': !moved || isTaken || (legal[before.status] ?? []).includes(after.status),
    'artifacts were lost': before.artifacts === null || after.artifacts !== null,
    'a late result was lost': before.late_artifacts === null || after.late_artifacts !== null,
  });
}

function rulesOfRow(training: Training): string[] {
  const { status, charged } = training;
  const hasEnded = ends.includes(status);
  const isAtFal = ['submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded'].includes(status);
  const isAccepted = ['in_queue', 'in_progress', 'verifying', 'succeeded'].includes(status);
  return brokenOf({
    'a success without a verified artifact': status !== 'succeeded' || training.artifacts?.lora.sha256 !== undefined,
    'a failure without an error, or an error without one': (status === 'failed') === (training.error !== null),
    'an end without its time, or a time without an end': hasEnded === (training.ended_at !== null),
    'an end that does not say whether fal charged': hasEnded === (charged !== null),
    'a success or a late result that cost nothing':
      (status !== 'succeeded' && training.late_result === null) || charged === 'yes' || !hasEnded,
    'something sent that is not on record':
      !isAtFal || (training.submission_id !== null && training.fal_input !== null),
    'a job without its request': !isAccepted || training.fal_request_id !== null,
    'a training that nobody looks at again': hasEnded || training.next_check_at !== null,
    'progress beyond its bounds': training.progress >= 0 && training.progress <= 100,
    'a mark on a training that it does not belong to':
      (training.blocked_at === null || status === 'queued') &&
      (training.submit_unknown_at === null || status === 'submitting') &&
      (training.needs_attention_at === null || status === 'submitting'),
  });
}

function rulesOfAvatar(before: Story, after: Story): string[] {
  const latest = after.trainings.at(-1);
  const succeeded = after.trainings.findLast(({ status }) => status === 'succeeded');
  const isRunning = latest !== undefined && !ends.includes(latest.status);
  const { avatar } = after;
  return brokenOf({
    'a completed avatar lost its artifacts':
      before.avatar.diffusers_lora_file_url === null || avatar.diffusers_lora_file_url !== null,
    'an avatar that is paid for is not completed': !succeeded || isRunning || avatar.status === 'completed',
    'an avatar is completed without an artifact':
      avatar.status !== 'completed' || avatar.diffusers_lora_file_url !== null,
    'an avatar shows another artifact than its latest success':
      !succeeded || avatar.diffusers_lora_file_url === succeeded.artifacts?.lora.url,
    'an avatar says that it is not training while it is':
      !isRunning || avatar.status === 'training' || before === after,
  });
}

function brokenOf(rules: Record<string, boolean>): string[] {
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

/** What the database must agree with the story in. */
export function essenceOf({ avatar, trainings }: Story): string {
  const rows = trainings.map((training) => ({
    ...stateOf(training),
    charged: training.charged,
    error: training.error?.code ?? null,
    has_artifacts: training.artifacts !== null,
    progress: training.progress,
  }));
  return JSON.stringify({ avatar: { status: avatar.status, has_lora: avatar.diffusers_lora_file_url !== null }, rows });
}
