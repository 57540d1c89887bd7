import type { Context } from '../context.ts';
import type { Artifacts } from '../platform/db/schema.ts';
import { transact, type Tx } from '../platform/db/transact.ts';
import { publish, type TrainingEventType } from '../features/events/publish.ts';
import { stoppedTopic, topics } from '../topics.ts';
import { enqueueDeletion } from '../platform/storage/delete-objects.ts';
import { trainerNamed } from '../features/trainers/registry.ts';
import { changesOf } from './changes.ts';
import { eventOf } from '../features/trainings/event.ts';
import { cancelTraining, jobDataOf, submitTraining, verifyTraining } from '../features/trainings/follow-ups.ts';
import {
  isTerminal,
  type SignalKind,
  takesRoom,
  type TrainingState,
  type Transition,
  transition,
} from './lifecycle.ts';
import { ownerless } from './ownerless.ts';
import { projectAvatar } from '../features/trainings/project.ts';
import type { Signal } from './signals.ts';
import { lockTrainings, type Training, updateTraining } from '../features/trainings/store.ts';

export type Advance = {
  /** False when the signal meant nothing in the state the training was in. */
  changed: boolean;
  training: Training;
};

type Needs = Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>;

/** Progress is told at most once for each of these percent points; ends are told always. */
const progressGrain = 5;

/**
 * The one way by which a training changes: webhook, poll, worker, clock and people alike. Under a lock on the row it
 * asks the state machine, and writes row, projection, event and follow-up job in one unit of work.
 * @returns undefined when there is no such training
 */
export async function advanceTraining(
  context: Needs,
  trainingId: string,
  signal: Signal,
  requestId?: string,
): Promise<Advance | undefined> {
  const advance = await transact(context, (tx) => advanceIn(tx, context, trainingId, signal, requestId));
  if (advance?.changed) logAdvance(context, advance, signal);
  return advance;
}

/** Writes down that a training moved, after the commit. Progress is told by events, and here at debug. */
export function logAdvance({ log }: Pick<Context, 'log'>, { training }: Advance, signal: Signal): void {
  const { id, fal_request_id, status, attempt } = training;
  const level = signal.kind === 'in_queue' || signal.kind === 'in_progress' ? 'debug' : 'info';
  log[level]({ training_id: id, fal_request_id, status, attempt, signal: signal.kind }, 'a training moved');
}

/** Advances a training within the caller's unit of work; after its commit the caller may write it down with {@link logAdvance}. */
export async function advanceIn(
  tx: Tx,
  { config, jobs }: Pick<Context, 'config' | 'jobs'>,
  trainingId: string,
  heard: Signal,
  requestId?: string,
): Promise<Advance | undefined> {
  const [locked] = await lockTrainings(tx, [trainingId]);
  if (!locked) return undefined;
  const unchanged = { changed: false, training: locked.training };
  const isOwned = locked.training.avatar_id !== null;
  if (!isOwned && heard.kind === 'artifacts') await enqueueDeletion(tx, jobs, storageKeysOf(heard.artifacts));
  const signal = isOwned ? heard : ownerless(locked.training, heard);
  if (signal === null) return unchanged;
  const before = stateOf(locked.training);
  const step = isStale(locked.training, signal) ? 'unchanged' : transition(before, signal.kind);
  if (step === 'unchanged') return unchanged;
  const now = new Date();
  const longestRunMs = trainerNamed(locked.training.trainer).longest_run_seconds * 1000;
  const changes = changesOf(locked.training, step, signal, now, config, longestRunMs);
  const training = await updateTraining(tx, trainingId, changes);
  if (locked.avatar) await projectAvatar(tx, locked.avatar, now);
  if (step.event !== null && isTold(step.event, locked.training, training)) {
    await publish(tx, eventOf(step.event, training, signal, requestId));
  }
  const job = followUp(before, step, signal.kind);
  if (job) {
    const priority = training.fal_priority === 'high' ? 1 : 0;
    await jobs.enqueue(tx, job, jobDataOf(training), { priority });
  }
  if (step.to.status === 'queued' || (takesRoom(before) && !takesRoom(step.to))) tx.wake(topics.trainingDispatch);
  if (before.status === 'preparing' && isTerminal(step.to.status)) tx.wake(stoppedTopic(training.id));
  if (training.next_check_at !== null && training.next_check_at <= now) tx.wake(topics.trainingChecks);
  return { changed: true, training };
}

/** @returns what the state machine looks at, out of a row */
export function stateOf(training: Training): TrainingState {
  return {
    status: training.status,
    blocked: training.blocked_at !== null,
    submit_unknown: training.submit_unknown_at !== null,
    needs_attention: training.needs_attention_at !== null,
    cancel_requested: training.cancel_requested_at !== null,
    late_result: training.late_artifacts ? 'stored' : training.late_result ? 'reported' : 'none',
  };
}

function isStale(training: Training, signal: Signal): boolean {
  if ('from' in signal && signal.from !== training.status) return true;
  if (signal.kind === 'submit' || !('submissionId' in signal) || signal.submissionId === undefined) return false;
  return signal.submissionId !== training.submission_id;
}

function isTold(event: TrainingEventType, before: Training, after: Training): boolean {
  if (event === 'training.blocked') return before.blocked_reason !== after.blocked_reason;
  if (event !== 'training.progress') return true;
  return Math.floor(before.progress / progressGrain) !== Math.floor(after.progress / progressGrain);
}

function storageKeysOf({ lora, config }: Artifacts): string[] {
  return [lora.storage_key, config.storage_key];
}

function followUp(before: TrainingState, { to }: Transition, signal: SignalKind) {
  if (signal === 'prepare') return submitTraining;
  if (signal === 'success') return verifyTraining;
  const hasJobAtFal = to.status === 'in_queue' || to.status === 'in_progress';
  if (signal === 'cancel' && hasJobAtFal) return cancelTraining;
  // One who asked to stop while the outcome of the POST was open is served once it is known.
  if (hasJobAtFal && before.status === 'submitting' && to.cancel_requested) return cancelTraining;
  return null;
}
