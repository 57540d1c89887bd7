import { type Static, Type } from 'typebox';
import type { JobKind } from '../../platform/jobs/define.ts';

/*
 * The jobs that a transition calls for, by name alone: advance.ts enqueues them, and what they do ends in advance.ts
 * again.
 */

const TrainingJob = Type.Object({ training_id: Type.String({ format: 'uuid' }) });
/** `round` tells one preparation of a training from the next, which may be called for while the job of this one ends. */
const SubmitJob = Type.Object({ ...TrainingJob.properties, round: Type.Optional(Type.String()) });
const keyed = { data: TrainingJob, key: ({ training_id }: Static<typeof TrainingJob>) => training_id };

/** Builds the archive, uploads it and submits the training (submit.ts). */
export const submitTraining = {
  name: 'training.submit',
  data: SubmitJob,
  key: ({ training_id, round = '' }) => `${training_id} ${round}`,
} satisfies JobKind<typeof SubmitJob>;
/** Fetches, verifies and stores what fal made (verify.ts). */
export const verifyTraining = { ...keyed, name: 'training.verify' } satisfies JobKind<typeof TrainingJob>;
/** Asks fal to stop a job (cancel.ts). */
export const cancelTraining = { ...keyed, name: 'training.cancel' } satisfies JobKind<typeof TrainingJob>;

/** @returns the data of a training's jobs, for the state that it is in */
export function jobDataOf({ id, updated_at }: { id: string; updated_at: Date }): Static<typeof SubmitJob> {
  return { training_id: id, round: updated_at.toISOString() };
}
