import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import type { Prepared } from '../../fal-jobs/kind.ts';
import { PermanentFailure } from '../../fal-jobs/permanent-failure.ts';
import { loraAddress } from '../loras/address.ts';
import { modelNamed } from '../models/registry.ts';
import { findTraining } from '../trainings/store.ts';
import type { Generation } from './store.ts';

/**
 * Builds the exact input. The whole of it tells the submission in fal's records, since a seed of ours is in it.
 * @throws PermanentFailure `lora-unavailable`; FalError, StorageError and others for temporary ones
 */
export async function prepareGeneration(
  context: Context,
  generation: Generation,
  signal: AbortSignal,
): Promise<Prepared | null> {
  const { final_prompt: finalPrompt, training_id, width, height, num_images, seed, settings } = generation;
  const training = training_id === null ? undefined : await findTraining(context.db, training_id);
  if (!training || finalPrompt === null) {
    throw new PermanentFailure('lora-unavailable', { training_id }, 'The training of the generation is gone.');
  }
  const { url: loraUrl } = await loraAddress(context, training, signal);
  const job = { finalPrompt, width, height, numImages: num_images, seed, settings, loraUrl };
  return { submissionId: uuidv7(), marker: null, falInput: modelNamed(generation.model).input(job) };
}
