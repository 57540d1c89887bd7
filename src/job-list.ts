import { deliverJob } from './endpoints/deliver.ts';
import { fanOutJob } from './endpoints/fan-out.ts';
import { pruneEventsJob } from './events/prune.ts';
import { sequenceEventsJob } from './events/sequence.ts';
import { pruneIdempotencyKeysJob } from './http/idempotency-store.ts';
import type { Job } from './jobs/define.ts';
import { sweepUploadJob } from './photos/sweep.ts';
import { deleteObjectsJob } from './storage/delete-objects.ts';
import { cancelTrainingJob } from './trainings/cancel.ts';
import { checkTrainingsJob } from './trainings/check.ts';
import { dispatchTrainingsJob } from './trainings/dispatch.ts';
import { submitTrainingJob } from './trainings/submit.ts';
import { verifyTrainingJob } from './trainings/verify.ts';
import { drainWebhooksJob } from './webhooks/drain.ts';
import { pruneWebhooksJob } from './webhooks/prune.ts';

/** Every job of the service. */
export const jobList: readonly Job[] = [
  dispatchTrainingsJob,
  submitTrainingJob,
  verifyTrainingJob,
  cancelTrainingJob,
  checkTrainingsJob,
  drainWebhooksJob,
  sequenceEventsJob,
  fanOutJob,
  deliverJob,
  pruneWebhooksJob,
  pruneEventsJob,
  pruneIdempotencyKeysJob,
  deleteObjectsJob,
  sweepUploadJob,
] as readonly Job[];
