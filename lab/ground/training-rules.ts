import { isTerminal } from '../../src/fal-jobs/lifecycle.ts';
import { brokenBy, brokenOf, ended, jobRules, type Rule, sent } from './job-rules.ts';
import type { Avatar, Training } from './training.ts';

/* What must hold of trainings, beside what holds of any paid job, and of the avatar that shows them. */

export const trainingRules: readonly Rule<Training>[] = [
  // Rows of each kind have their own form of what was stored.
  ...(jobRules as readonly Rule<Training>[]),
  {
    says: 'attempts count from one',
    holds: ({ attempt }) => attempt > 0,
    check: 'counters_check',
    breaks: { 'attempt 0': { attempt: 0 } },
  },
  {
    says: 'a success has a verified artifact',
    holds: (row) => row.status !== 'succeeded' || row.artifacts?.lora.sha256 !== undefined,
    check: 'succeeded_check',
    breaks: {
      'a success without a verified artifact': { ...sent, ...ended, status: 'succeeded' },
    },
  },
  {
    says: 'progress goes from 0 to 100',
    holds: ({ progress }) => progress >= 0 && progress <= 100,
    check: 'progress_check',
    breaks: { 'progress of a training above 100': { progress: 101 }, 'negative progress': { progress: -1 } },
  },
  {
    says: 'progress is 100 with success alone',
    holds: ({ progress, status }) => progress < 100 || status === 'succeeded',
  },
];

/** @returns the rules that the row of a training breaks */
export function brokenTraining(training: Training): string[] {
  return brokenBy(trainingRules, training);
}

/** @returns what a training lost between two looks at its row */
export function lostBetween(before: Training, after: Training): string[] {
  return brokenOf({
    'artifacts were lost': before.artifacts === null || after.artifacts !== null,
    'late artifacts were lost': before.late_artifacts === null || after.late_artifacts !== null,
  });
}

/**
 * @param before the avatar before the last change of its trainings
 * @param latest its newest training
 * @param succeeded the newest of those that succeeded
 * @returns the rules that the avatar breaks
 */
export function brokenAvatar(
  before: Avatar,
  after: Avatar,
  latest: Training,
  succeeded: Training | undefined,
): string[] {
  const isRunning = !isTerminal(latest.status);
  const wasCompleted = before.training_completed_at !== null;
  const url = after.diffusers_lora_file_url;
  return brokenOf({
    'a completed avatar lost its artifacts': before.diffusers_lora_file_url === null || url !== null,
    'an avatar that is paid for is not completed':
      (!succeeded && !wasCompleted) || isRunning || after.status === 'completed',
    'an avatar is completed without an artifact': after.status !== 'completed' || url !== null,
    'an avatar does not say that it is training while it is': !isRunning || after.status === 'training',
    'settings and artifacts do not belong together': succeeded
      ? shows(after, succeeded)
      : url === before.diffusers_lora_file_url &&
        (!wasCompleted || (after.trigger_word === before.trigger_word && after.steps === before.steps)),
    'a draft was trained': !after.is_draft,
  });
}

function shows(avatar: Avatar, { artifacts, settings }: Training): boolean {
  return (
    avatar.diffusers_lora_file_url === artifacts?.lora.url &&
    avatar.config_file_url === artifacts?.config?.url &&
    avatar.steps === settings['steps'] &&
    avatar.trigger_phrase === (settings['trigger_phrase'] ?? null) &&
    (avatar.trigger_phrase === null || avatar.trigger_word === avatar.trigger_phrase)
  );
}
