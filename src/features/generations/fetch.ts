import type { Context } from '../../context.ts';
import { PermanentFailure } from '../../fal-jobs/permanent-failure.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import type { GenerationWarning, StoredImage } from '../../platform/db/schema.ts';
import { fetchImages } from '../images/fetch.ts';
import { modelNamed } from '../models/registry.ts';
import type { Generation } from './store.ts';

/** What is kept of a result. */
export type StoredImages = { images: StoredImage[]; warnings: GenerationWarning[] };

/**
 * Fetches and stores the images of a result.
 * @returns with one good image at least
 * @throws PermanentFailure `all-images-flagged`; what fetchImages throws
 */
export async function fetchGeneration(
  context: Context,
  { id, model, num_images, width, height, sandbox }: Generation,
  result: unknown,
  isAwaited: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<StoredImages> {
  const made = modelNamed(model).output(result)?.images.slice(0, num_images);
  if (!made) throw new Error(`generation ${id} has a result without images`);
  const wanted = { generationId: id, images: made, width, height, sandbox };
  const { images, warnings } = await fetchImages(context, wanted, isAwaited, signal);
  if (images.every(({ status }) => status === 'flagged')) {
    const detail = { flagged: images.length, num_images };
    throw new PermanentFailure('all-images-flagged', detail, 'The safety checker flagged every image.');
  }
  return {
    images,
    warnings: made.length < num_images ? [...warnings, fewerImages(made.length, num_images)] : warnings,
  };
}

function fewerImages(made: number, asked: number): GenerationWarning {
  return { code: 'fewer-images', detail: `fal made ${made} of the ${asked} images that were asked for.` };
}

/** Asks fal what it charges, since a webhook does not tell. @returns the signal that notes it; null when it is known */
export async function learnBill(
  { fal }: Pick<Context, 'fal'>,
  { endpoint, fal_request_id, billed_units }: Generation,
  signal: AbortSignal,
): Promise<Signal | null> {
  if (fal_request_id === null || billed_units !== null) return null;
  const result = await fal.result(endpoint, fal_request_id, signal);
  if (result.kind !== 'ok' || result.billableUnits === null) return null;
  return { kind: 'postscript', logs: null, charged: null, billedUnits: result.billableUnits };
}
