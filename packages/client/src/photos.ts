import type { Client } from './client.ts';
import { ProblemError } from './errors.ts';
import { headersOf, type WriteOptions } from './trainings.ts';
import type { Photo, RejectedPhoto } from './types.ts';

export type AddedPhotos = { accepted: Photo[]; rejected: RejectedPhoto[] };

/**
 * Uploads up to 20 photos. In Node a file is `new File([await openAsBlob(path)], basename(path))`.
 * @returns the result for each file, also when all were rejected
 */
export async function addPhotos(
  client: Client,
  avatarId: string,
  photos: readonly File[],
  { signal, idempotencyKey }: WriteOptions = {},
): Promise<AddedPhotos> {
  try {
    const { data } = await client.POST('/v1/avatars/{id}/photos', {
      params: { path: { id: avatarId }, ...headersOf(idempotencyKey) },
      body: { photos: photos.map(({ name }) => name) },
      bodySerializer: () => formOf(photos),
      ...(signal && { signal }),
    });
    return data;
  } catch (error) {
    const rejected = error instanceof ProblemError ? error.problem?.['rejected'] : undefined;
    if (!Array.isArray(rejected)) throw error;
    return { accepted: [], rejected };
  }
}

function formOf(photos: readonly File[]): FormData {
  const form = new FormData();
  for (const photo of photos) form.append('photos', photo, photo.name);
  return form;
}
