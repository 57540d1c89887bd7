import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Client,
  type Generation,
  startGeneration,
  waitForGeneration,
} from '../../../packages/client/src/index.ts';
import type { Display } from './display.ts';
import { failureOf, untilDone } from './ends.ts';
import { saveStream, type StoredFile } from './files.ts';
import { DemoError } from './own-photos.ts';

export type StoredImage = StoredFile & { width: number; height: number };

/** Makes two images. @throws DemoError when the generation does not succeed */
export async function makeImages(client: Client, display: Display, avatarId: string): Promise<Generation> {
  const asked = { prompt: 'on a bicycle in the rain', num_images: 2, aspect_ratio: '3:4' } as const;
  const { id } = await startGeneration(client, avatarId, asked);
  display.say(`Generation ${id}`);
  const onProgress = ({ status }: Generation) => display.progress(status.replace('_', ' '), 0);
  const generation = await untilDone('generation', (timeoutMs) =>
    waitForGeneration(client, id, { onProgress, pollMs: 500, timeoutMs }),
  );
  if (generation.status !== 'succeeded') throw new DemoError(failureOf('generation', generation));
  return generation;
}

/** Downloads the pictures of a generation. @throws DemoError when one is not what the service promises */
export async function fetchImages(client: Client, { images }: Generation, folder: string): Promise<StoredImage[]> {
  await mkdir(folder, { recursive: true });
  const stored: StoredImage[] = [];
  for (const { id, index, sha256, width, height, content_type: type } of images) {
    // Flagged and lost images have no picture.
    if (sha256 === null || width === null || height === null) continue;
    const { data } = await client.GET('/v1/images/{id}/content', { params: { path: { id } }, parseAs: 'stream' });
    const path = join(folder, `${index}.${type === 'image/png' ? 'png' : 'jpg'}`);
    stored.push({ ...(await saveStream(data, path, sha256)), width, height });
  }
  return stored;
}
