import { type Static, Type } from 'typebox';
import type { JobKind } from '../jobs/define.ts';

/*
 * The jobs that a transition calls for, by name alone: advance.ts enqueues them, and what they do ends in advance.ts
 * again.
 */

const TrainingJob = Type.Object({ training_id: Type.String({ format: 'uuid' }) });
const keyed = { data: TrainingJob, key: ({ training_id }: Static<typeof TrainingJob>) => training_id };

/** Builds the archive, uploads it and submits the training (submit.ts). */
export const submitTraining = { name: 'training.submit', data: TrainingJob } satisfies JobKind<typeof TrainingJob>;
/** Fetches, verifies and stores what fal made (verify.ts). */
export const verifyTraining = { ...keyed, name: 'training.verify' } satisfies JobKind<typeof TrainingJob>;
/** Asks fal to stop a job (cancel.ts). */
export const cancelTraining = { ...keyed, name: 'training.cancel' } satisfies JobKind<typeof TrainingJob>;

/** The topic that is woken when a training may be due for the clock (check.ts). */
export const checksTopic = 'training.checks';
/** The topic that is woken when a training may be let in (dispatch.ts). */
export const dispatchTopic = 'training.dispatch';
