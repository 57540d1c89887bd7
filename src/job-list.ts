import { deliverJob } from './features/webhooks/deliver.ts';
import { fanOutJob } from './features/webhooks/fan-out.ts';
import { pruneGenerationsJob } from './features/erasure/prune-generations.ts';
import { pruneEventsJob } from './features/events/prune.ts';
import { sequenceEventsJob } from './features/events/sequence.ts';
import { pruneIdempotencyKeysJob } from './platform/idempotency/store.ts';
import type { Context } from './context.ts';
import { dispatchJobOf } from './fal-jobs/dispatch.ts';
import { jobKinds } from './job-kinds.ts';
import type { Job } from './platform/jobs/define.ts';
import { sweepPreviewJob } from './features/images/preview.ts';
import { sweepUploadJob } from './features/photos/sweep.ts';
import { pruneFalFilesJob } from './features/loras/prune.ts';
import { sweepLoraJob } from './features/loras/sweep.ts';
import { deleteObjectsJob } from './platform/storage/delete-objects.ts';
import {
  cancelTrainingJob,
  checkTrainingsJob,
  submitTrainingJob,
  verifyTrainingJob,
} from './features/trainings/machine.ts';
import {
  cancelGenerationJob,
  checkGenerationsJob,
  submitGenerationJob,
  verifyGenerationJob,
} from './features/generations/machine.ts';
import { drainJobOf } from './features/inbox/drain.ts';
import { pruneWebhooksJob } from './features/inbox/prune.ts';

/** Every job of the service; each takes of the context what it needs. */
export const jobList: readonly Job<Context>[] = [
  dispatchJobOf(jobKinds),
  submitTrainingJob,
  verifyTrainingJob,
  cancelTrainingJob,
  checkTrainingsJob,
  drainJobOf(jobKinds),
  submitGenerationJob,
  verifyGenerationJob,
  cancelGenerationJob,
  checkGenerationsJob,
  sequenceEventsJob,
  fanOutJob,
  deliverJob,
  pruneWebhooksJob,
  pruneEventsJob,
  pruneGenerationsJob,
  pruneFalFilesJob,
  pruneIdempotencyKeysJob,
  deleteObjectsJob,
  sweepUploadJob,
  sweepPreviewJob,
  sweepLoraJob,
];
