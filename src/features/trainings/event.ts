import type { NewEvent, TrainingEventType } from '../events/publish.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import type { Training } from './store.ts';

/** @returns the event that tells what a signal has made of a training, as it stands now */
export function eventOf(type: TrainingEventType, training: Training, signal: Signal, requestId?: string): NewEvent {
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

function reasonOf(training: Training, signal: Signal): string {
  return 'reason' in signal ? signal.reason : (training.blocked_reason ?? 'unknown');
}

// Whoever ends a training says it; the database sees to that.
function chargedOf({ charged }: Training) {
  return charged ?? 'unknown';
}
