import { terminalJobStatuses, type JobStatus } from '../platform/db/schema.ts';

/** The input of the state machine: the status with its marks. */
export type JobState = {
  status: JobStatus;
  /** On `queued`: fal accepts no jobs now, so it waits. */
  blocked: boolean;
  /** On `submitting`: the POST was made and its outcome is unknown. */
  submit_unknown: boolean;
  /** On `submitting`: neither a webhook nor fal's records have settled it; an operator must. */
  needs_attention: boolean;
  /** Cancellation was requested after the job had reached fal. */
  cancel_requested: boolean;
  /** On `failed` and `cancelled`: fal succeeded afterwards. */
  late_result: 'none' | 'reported' | 'stored';
};

/**
 * The signals of a job, from workers, webhooks, polls, the clock and people.
 * - `prepare`, `submit`: a worker begins; `submit` commits the intent before the POST.
 * - `accepted`, `blocked`, `submit_unknown`, `not_submitted`: outcomes of the POST.
 * - `in_queue`, `in_progress`, `success`, `failure`, `cancelled`: reports of fal.
 * - `artifacts`: the result was downloaded, verified and stored.
 * - `postscript`: the final log and bill, after the end; no transition.
 * - `give_up`: our own end: refused at submit, deadline, artifacts lost, blocked too long.
 * - `needs_attention`: the waiting time for an unknown submission is over.
 * - `cancel`, `accept_late`: requests of people.
 */
export const signalKinds = [
  'prepare',
  'submit',
  'accepted',
  'blocked',
  'submit_unknown',
  'not_submitted',
  'needs_attention',
  'in_queue',
  'in_progress',
  'success',
  'failure',
  'cancelled',
  'artifacts',
  'postscript',
  'give_up',
  'cancel',
  'accept_late',
] as const;
export type SignalKind = (typeof signalKinds)[number];

/** The event of a transition; its type is prefixed by the kind, as in `training.queued`. */
export type JobEvent =
  | 'queued'
  | 'preparing'
  | 'submitting'
  | 'submitted'
  | 'submit_unknown'
  | 'needs_attention'
  | 'blocked'
  | 'started'
  | 'progress'
  | 'verifying'
  | 'succeeded'
  | 'failed'
  | 'cancel_requested'
  | 'cancelled'
  | 'late_result_reported'
  | 'late_result'
  | 'late_result_accepted';

/** `event` is null where nothing is published, since nothing changed. */
export type Transition = { to: JobState; event: JobEvent | null };

const unmarked = { blocked: false, submit_unknown: false, needs_attention: false } as const;

/** The creation of every job (create.ts). */
export const first: Transition = {
  to: { ...unmarked, status: 'queued', cancel_requested: false, late_result: 'none' },
  event: 'queued',
};

/** Whether a job has ended; only `accept_late` leaves such a status. */
export function isTerminal(status: JobStatus): status is (typeof terminalJobStatuses)[number] {
  return terminalJobStatuses.some((terminal) => terminal === status);
}

/** Whether a job counts against the caps of running jobs; dispatch.ts counts alike in SQL. */
export function takesRoom({ status, needs_attention }: JobState): boolean {
  return !needs_attention && status !== 'queued' && status !== 'verifying' && !isTerminal(status);
}

/**
 * The state machine of a paid job. Pure; effects are in advance.ts. docs/lifecycle.md has its table, which a test
 * compares.
 * @returns the new state and its event, or `unchanged` for a signal without meaning in this state
 */
export function transition(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (state.status) {
    case 'queued':
      return fromQueued(state, signal);
    case 'preparing':
      return fromPreparing(state, signal);
    case 'submitting':
      return fromSubmitting(state, signal);
    case 'in_queue':
    case 'in_progress':
      return fromRunning(state, signal);
    case 'verifying':
      return fromVerifying(state, signal);
    case 'succeeded':
      return signal === 'postscript' ? noted(state) : 'unchanged';
    case 'failed':
    case 'cancelled':
      return fromUnsuccessful(state, signal);
  }
}

function go(state: JobState, status: JobStatus, event: JobEvent | null, marks: Partial<JobState> = {}): Transition {
  return { to: { ...state, ...unmarked, ...marks, status }, event };
}

function noted(state: JobState): Transition {
  return { to: state, event: null };
}

function fromQueued(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'prepare':
      return go(state, 'preparing', 'preparing');
    case 'blocked':
      return go(state, 'queued', 'blocked', { blocked: true });
    case 'cancel':
      return go(state, 'cancelled', 'cancelled');
    case 'give_up':
      return go(state, 'failed', 'failed');
    default:
      return 'unchanged';
  }
}

function fromPreparing(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'submit':
      return go(state, 'submitting', 'submitting');
    case 'blocked':
      return go(state, 'queued', 'blocked', { blocked: true });
    case 'cancel':
      return go(state, 'cancelled', 'cancelled');
    case 'give_up':
      return go(state, 'failed', 'failed');
    default:
      return 'unchanged';
  }
}

function fromSubmitting(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'accepted':
      return go(state, 'in_queue', 'submitted');
    case 'blocked':
      // Nothing was queued at fal, so a cancellation requested meanwhile is granted, free.
      return state.cancel_requested
        ? go(state, 'cancelled', 'cancelled')
        : go(state, 'queued', 'blocked', { blocked: true });
    case 'not_submitted':
      return state.cancel_requested ? go(state, 'cancelled', 'cancelled') : go(state, 'queued', 'queued');
    case 'submit_unknown':
      return state.submit_unknown ? 'unchanged' : go(state, 'submitting', 'submit_unknown', { submit_unknown: true });
    case 'needs_attention':
      return state.needs_attention
        ? 'unchanged'
        : go(state, 'submitting', 'needs_attention', { submit_unknown: true, needs_attention: true });
    case 'cancel':
      return state.cancel_requested ? 'unchanged' : requestCancel(state);
    case 'success':
    case 'failure':
    case 'cancelled':
    case 'give_up':
      // A webhook may arrive before the answer to the POST; it settles the submission too.
      return fromRunning(state, signal);
    default:
      return 'unchanged';
  }
}

function fromRunning(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'in_queue':
      if (state.status === 'in_progress') return 'unchanged';
      return go(state, 'in_queue', state.status === 'in_queue' ? null : 'submitted');
    case 'in_progress':
      return go(state, 'in_progress', state.status === 'in_progress' ? 'progress' : 'started');
    case 'success':
      return go(state, 'verifying', 'verifying');
    case 'failure':
    case 'give_up':
      return go(state, 'failed', 'failed');
    case 'cancelled':
      return go(state, 'cancelled', 'cancelled');
    case 'cancel':
      return state.cancel_requested ? 'unchanged' : requestCancel(state);
    default:
      return 'unchanged';
  }
}

function requestCancel(state: JobState): Transition {
  return { to: { ...state, cancel_requested: true }, event: 'cancel_requested' };
}

function fromVerifying(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'artifacts':
      return go(state, 'succeeded', 'succeeded');
    case 'postscript':
      return noted(state);
    case 'give_up':
      return go(state, 'failed', 'failed');
    default:
      return 'unchanged';
  }
}

// A paid result is kept, even when late; the status stays until the result is accepted.
function fromUnsuccessful(state: JobState, signal: SignalKind): Transition | 'unchanged' {
  switch (signal) {
    case 'success':
      return state.late_result === 'none'
        ? { to: { ...state, late_result: 'reported' }, event: 'late_result_reported' }
        : 'unchanged';
    case 'artifacts':
      return state.late_result === 'reported'
        ? { to: { ...state, late_result: 'stored' }, event: 'late_result' }
        : 'unchanged';
    case 'postscript':
      return noted(state);
    case 'accept_late':
      return state.late_result === 'stored' ? go(state, 'succeeded', 'late_result_accepted') : 'unchanged';
    default:
      return 'unchanged';
  }
}
