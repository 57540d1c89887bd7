import type { Artifacts, JobStatus } from '../../platform/db/schema.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import { percentOf, readProgress } from './progress.ts';
import type { Training, TrainingChanges } from './store.ts';

/** What a signal writes into the columns that only trainings have: archive, log, progress and files. Pure. */
export function trainingChanges(training: Training, to: JobStatus, signal: Signal<Artifacts>): TrainingChanges {
  switch (signal.kind) {
    case 'submit':
      return { archive_url: signal.marker, output_expires_at: signal.outputExpiresAt };
    case 'in_progress':
      return progressOf(training, signal.logs);
    case 'success':
      if (to !== 'verifying') return {};
      return { ...(signal.logs && progressOf(training, signal.logs)), progress: 99, eta_seconds: null };
    case 'failure':
      return signal.logs ? progressOf(training, signal.logs) : {};
    case 'artifacts':
      return to === 'succeeded' ? { artifacts: signal.artifacts, ...done } : { late_artifacts: signal.artifacts };
    case 'accept_late':
      return { artifacts: training.late_artifacts, ...done };
    case 'postscript':
      return signal.logs ? logged(training, signal.logs) : {};
    default:
      return {};
  }
}

const done = { progress: 100, eta_seconds: null };

// Each answer brings the whole log (fal contract §1.3), so a shorter one is incomplete and ignored.
function progressOf(training: Training, logs: Training['logs']): TrainingChanges {
  if (logs.length < training.logs.length) return {};
  const progress = readProgress(logs);
  return { ...progress, progress: percentOf(progress), logs };
}

// Progress does not move after the end.
function logged(training: Training, logs: Training['logs']): TrainingChanges {
  const changes = progressOf(training, logs);
  const isDone = training.status === 'verifying' || training.status === 'succeeded';
  return { ...changes, eta_seconds: null, ...(isDone && { progress: training.progress }) };
}
