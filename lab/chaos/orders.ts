import { randomUUID } from 'node:crypto';
import { stateOf } from '../../src/fal-jobs/advance.ts';
import { isTerminal, type SignalKind } from '../../src/fal-jobs/lifecycle.ts';
import { projection } from '../../src/features/trainings/project.ts';
import type { Signal } from '../../src/fal-jobs/signals.ts';
import type { Artifacts } from '../../src/platform/db/schema.ts';
import { type Avatar, aTraining, anAvatar, type Training } from '../ground/training.ts';
import { advanced, signalOf } from '../ground/signals.ts';
import { brokenStep } from '../ground/job-rules.ts';
import type { Random } from '../ground/random.ts';
import { brokenAvatar, brokenTraining, lostBetween } from '../ground/training-rules.ts';

/* Random orders of signals about the trainings of one avatar, and the rules that hold in all of them. */

/** A signal about one of the avatar's trainings, or a new attempt. */
export type Step = { attempt: number; signal: Signal<Artifacts> } | 'again';

export type Story = { avatar: Avatar; trainings: Training[] };

export const noStory = (): Story => projected({ avatar: anAvatar(), trainings: [aTraining({ id: randomUUID() })] });

// Likely signals several times, so that many orders get far.
const kinds: readonly SignalKind[] = [
  ...(['prepare', 'prepare', 'submit', 'submit', 'submit', 'accepted', 'accepted', 'accepted'] as const),
  ...(['in_queue', 'in_progress', 'in_progress', 'success', 'success', 'success', 'artifacts', 'artifacts'] as const),
  ...(['artifacts', 'failure', 'cancelled', 'blocked', 'submit_unknown', 'not_submitted', 'needs_attention'] as const),
  ...(['give_up', 'cancel', 'cancel', 'accept_late', 'accept_late', 'postscript'] as const),
];
const otherStatuses = ['queued', 'preparing', 'submitting', 'in_queue', 'in_progress', 'verifying', 'failed'] as const;

/** Draws the next step: mostly about the latest attempt, sometimes about an older one, sometimes outdated. */
export function drawStep(random: Random, { trainings }: Story): Step {
  const latest = trainings.length - 1;
  const newest = trainings[latest];
  if (newest && isTerminal(newest.status) && random.chance(0.2)) return 'again';
  const attempt = random.chance(0.8) ? latest : random.below(trainings.length);
  const training = trainings[attempt];
  if (!training) throw new Error('an avatar without a training has no story');
  return { attempt, signal: drawSignal(random, training) };
}

// Signals that need a token or a request id, which exist only after submission.
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

function drawSignal(random: Random, training: Training): Signal<Artifacts> {
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

/** The story after one step, as advance.ts computes it under the locks. */
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
  const [latest, succeeded] = shownBy(trainings);
  if (!latest) return { avatar, trainings };
  return { avatar: { ...avatar, ...projection(avatar, latest, succeeded) }, trainings };
}

/** @returns the newest training, and the newest of those that succeeded */
function shownBy(trainings: readonly Training[]): [latest: Training | undefined, succeeded: Training | undefined] {
  return [trainings.at(-1), trainings.findLast(({ status }) => status === 'succeeded')];
}

function isStale(training: Training, signal: Signal<Artifacts>): boolean {
  if ('from' in signal && signal.from !== training.status) return true;
  if (signal.kind === 'submit' || !('submissionId' in signal) || signal.submissionId === undefined) return false;
  return signal.submissionId !== training.submission_id;
}

/** @returns the rules that a step broke, in words */
export function brokenRules(before: Story, step: Step, after: Story): string[] {
  const broken = after.trainings.flatMap((training, index) => {
    const earlier = before.trainings[index];
    if (!earlier) return brokenTraining(training);
    const signal = step !== 'again' && step.attempt === index ? step.signal.kind : null;
    return [
      ...brokenTraining(training),
      ...brokenStep(stateOf(earlier), signal, stateOf(training)),
      ...lostBetween(earlier, training),
    ];
  });
  const [latest, succeeded] = shownBy(after.trainings);
  return [...broken, ...(latest ? brokenAvatar(before.avatar, after.avatar, latest, succeeded) : [])];
}

/** What database and story must agree on. */
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
