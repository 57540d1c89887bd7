import { type NewEvent, publish, type TrainingEventType } from '../events/publish.ts';
import type { Change } from '../../fal-jobs/kind.ts';
import type { JobEvent } from '../../fal-jobs/lifecycle.ts';
import type { Tx } from '../../platform/db/transact.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import type { Training } from './store.ts';

/** Progress is published at most once per this many percent; ends always. */
const progressGrain = 5;

export async function publishTraining(
  tx: Tx,
  event: JobEvent,
  { before, row, signal, requestId }: Change<Training>,
): Promise<void> {
  const grainOf = ({ progress }: Training) => Math.floor(progress / progressGrain);
  if (event === 'progress' && before !== null && grainOf(before) === grainOf(row)) return;
  await publish(tx, eventOf(`training.${event}`, row, signal, requestId));
}

function eventOf(
  type: TrainingEventType,
  training: Training,
  signal: Signal | null,
  requestId: string | undefined,
): NewEvent {
  const about = {
    user_id: training.user_id,
    avatar_id: training.avatar_id,
    training_id: training.id,
    request_id: requestId ?? null,
  };
  const data = {
    status: training.status,
    attempt: training.attempt,
    progress: training.progress,
    sandbox: training.sandbox,
    // In the first event only.
    ...(signal === null && training.retry_of && { retry_of: training.retry_of }),
    ...(training.fal_request_id && { fal_request_id: training.fal_request_id }),
  };
  switch (type) {
    case 'training.started':
    case 'training.progress': {
      const { step, total_steps, eta_seconds } = training;
      return { ...about, type, data: { ...data, step, total_steps, eta_seconds } };
    }
    case 'training.blocked':
    case 'training.submit_unknown':
      return { ...about, type, data: { ...data, reason: reasonOf(training, signal) } };
    case 'training.failed': {
      const { error } = training;
      if (error === null) throw new Error(`the training ${training.id} failed without an error`);
      return { ...about, type, data: { ...data, error, charged: chargedOf(training) } };
    }
    case 'training.succeeded':
    case 'training.cancelled':
    case 'training.late_result_reported':
    case 'training.late_result':
    case 'training.late_result_accepted':
      return { ...about, type, data: { ...data, charged: chargedOf(training) } };
    default:
      return { ...about, type, data };
  }
}

function reasonOf(training: Training, signal: Signal | null): string {
  return signal && 'reason' in signal ? signal.reason : (training.blocked_reason ?? 'unknown');
}

// A database constraint sets it at every end.
function chargedOf({ charged }: Training) {
  return charged ?? 'unknown';
}
