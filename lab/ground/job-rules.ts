import { anError } from './training.ts';
import { stateOf } from '../../src/fal-jobs/advance.ts';
import type { JobRow } from '../../src/fal-jobs/kind.ts';
import { isTerminal, type JobState, type SignalKind } from '../../src/fal-jobs/lifecycle.ts';
import type { JobStatus } from '../../src/platform/db/schema.ts';

/*
 * What must hold of a paid job, whatever it makes: written by hand from the design of the states. The tests of the state
 * machine, the random orders of signals and the constraints of the tables are all held to this list.
 */

/** A rule that each row of a table keeps. */
export type Rule<Row> = {
  says: string;
  holds(row: Row): boolean;
  /** The check of the table that refuses a row which breaks it, without the table's name; none where only the code keeps it. */
  check?: string;
  /** Rows that break it, by what is wrong with them: each as changes of a job that has just been asked for. */
  breaks?: Record<string, Partial<Row>>;
};

/** @returns what is broken, in words */
export function brokenOf(rules: Record<string, boolean>): string[] {
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

/** @returns the rules that a row breaks */
export function brokenBy<Row>(rules: readonly Rule<Row>[], row: Row): string[] {
  return rules.flatMap(({ says, holds }) => (holds(row) ? [] : [says]));
}

/** @returns the marks of a state that stand where they do not belong */
export function brokenState({ status, ...state }: JobState): string[] {
  const isBefore = status === 'queued' || status === 'preparing';
  return brokenOf({
    'blocked, and not queued': !state.blocked || status === 'queued',
    'submit_unknown, and not submitting': !state.submit_unknown || status === 'submitting',
    'needs_attention without submit_unknown': !state.needs_attention || state.submit_unknown,
    'asked to stop before the POST, where it ends at once': !state.cancel_requested || !isBefore,
    'a late result of what has not ended': state.late_result === 'none' || isTerminal(status),
  });
}

const legal: Record<JobStatus, readonly JobStatus[]> = {
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
const lateness = { none: 0, reported: 1, stored: 2 };

/**
 * @param signal null where something else happened, which changes no state
 * @returns the rules that one step of a job breaks
 */
export function brokenStep(before: JobState, signal: SignalKind | null, after: JobState): string[] {
  const moved = before.status !== after.status;
  const isTaken = signal === 'accept_late' && before.late_result === 'stored' && after.status === 'succeeded';
  return brokenOf({
    'a change without a signal': signal !== null || !moved,
    'a terminal state was left': !isTerminal(before.status) || !moved || isTaken,
    'an illegal transition': !moved || isTaken || legal[before.status].includes(after.status),
    'it was forgotten that it was asked to stop': !before.cancel_requested || after.cancel_requested,
    'a late result was forgotten': lateness[before.late_result] <= lateness[after.late_result],
  });
}

/** A job as its rules see it; rows of the earlier system do not say what was sent. */
export type RuledRow = JobRow & { adopted_at?: Date | null };

const atFal = new Set<JobStatus>(['submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded']);
const accepted = new Set<JobStatus>(['in_queue', 'in_progress', 'verifying', 'succeeded']);

export const sent = {
  submission_id: '01890000-0000-7000-8000-0000000000ab',
  fal_input: {},
  fal_request_id: '01890000-0000-7000-8000-0000000000cd',
} satisfies Partial<RuledRow>;
export const ended = {
  ended_at: new Date('2026-01-02T03:04:05Z'),
  charged: 'no',
} satisfies Partial<RuledRow>;

export const jobRules: readonly Rule<RuledRow>[] = [
  {
    says: 'a failure has an error, and nothing else has one',
    holds: (row) => (row.status === 'failed') === (row.error !== null),
    check: 'failed_check',
    breaks: {
      'a failure without an error': { ...ended, status: 'failed' },
      'an error of what has not failed': { error: anError },
    },
  },
  {
    says: 'an end has its time, and nothing else has one',
    holds: (row) => isTerminal(row.status) === (row.ended_at !== null),
    check: 'ended_check',
    breaks: { 'an end without a time': { error: anError, status: 'failed' }, 'a time without an end': { ...ended } },
  },
  {
    says: 'an end says whether fal charged, and nothing else does',
    holds: (row) => (row.charged === null) === (row.ended_at === null),
    check: 'charged_check',
    breaks: {
      'an end that does not say whether fal charged': { ...ended, error: anError, status: 'failed', charged: null },
      'a charge of what has not ended': { charged: 'no' },
    },
  },
  {
    says: 'what may be at fal is on record as it was sent',
    holds: (row) =>
      !atFal.has(row.status) || Boolean(row.adopted_at) || (row.submission_id !== null && row.fal_input !== null),
    check: 'submission_check',
    breaks: {
      'a submission whose input is not stored': { ...sent, status: 'submitting', fal_input: null },
      'a submission without its id': { ...sent, status: 'submitting', submission_id: null },
    },
  },
  {
    says: 'what fal took has its request id',
    holds: (row) => !accepted.has(row.status) || row.fal_request_id !== null,
    check: 'accepted_check',
    breaks: { 'a job at fal without a request id': { ...sent, status: 'in_queue', fal_request_id: null } },
  },
  {
    says: 'submissions and checks count from zero',
    holds: ({ submissions, checks }) => submissions >= 0 && checks >= 0,
    check: 'counters_check',
    breaks: { 'a negative count of submissions': { submissions: -1 } },
  },
  {
    says: 'a success, in time or late, never cost nothing',
    holds: (row) =>
      !isTerminal(row.status) || row.charged === 'yes' || (row.status !== 'succeeded' && row.late_result === null),
  },
  {
    says: 'a success holds what fal said',
    holds: (row) => row.status !== 'succeeded' || row.result !== null,
  },
  {
    says: 'what has not ended is looked at again',
    holds: (row) => isTerminal(row.status) || row.next_check_at !== null,
  },
  { says: 'marks stand where they belong', holds: (row) => brokenState(stateOf(row)).length === 0 },
];
