import type { FalClient } from '@fal-ai/client';
import sharp from 'sharp';
import { loraFile } from '../../../packages/fal-sandbox/src/lora.ts';
import type { Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { call, upload } from './support.ts';

export const flux = 'fal-ai/flux-lora';

/** Uploads a LoRA as the sandbox makes them and gives its address. */
export function uploadLora(fal: FalClient, seed = 'one', metadata: Record<string, string> = {}): Promise<string> {
  const bytes = loraFile(seed, { trainer: 'fal-ai/turbo-flux-trainer', trigger_phrase: 'ohwx', ...metadata });
  return upload(fal, bytes, 'lora.safetensors');
}

export interface ImageResult {
  images: { url: string; width: number | null; height: number | null; content_type: string | null }[];
  timings: { inference: number } | null;
  seed: number;
  has_nsfw_concepts: boolean[] | null;
  prompt: string;
}

/** Runs a job that makes images to its end by the real client; gives how it ended and, where it ended well, its result. */
export async function generate(
  sandbox: Sandbox,
  fal: FalClient,
  input: Record<string, unknown>,
  options: Pick<Parameters<FalClient['queue']['submit']>[1], 'headers' | 'storageSettings'> = {},
) {
  const { request_id: id } = await fal.queue.submit(flux, {
    input: { prompt: 'ohwx person', image_size: 'square', ...input },
    ...options,
  });
  await sandbox.clock.advance(600);
  const outcome = sandbox.queue.get(id)?.outcome;
  const { body, text, headers: answered } = await call(sandbox, `https://queue.fal.run/${flux}/requests/${id}`);
  return {
    id,
    outcome,
    detail: body.detail,
    text,
    units: answered.get('x-fal-billable-units'),
    result: body as unknown as ImageResult,
  };
}

/** The bytes behind an address. */
export async function bytesOf(sandbox: Sandbox, url: string | undefined): Promise<Buffer> {
  const response = await sandbox.fetch(String(url));
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The bytes of each image of a result. */
export function filesOf(sandbox: Sandbox, { images }: ImageResult): Promise<Buffer[]> {
  return Promise.all(images.map(({ url }) => bytesOf(sandbox, url)));
}

/** Decoded size, and how many pixels there are of exactly this colour. */
export async function look(bytes: Buffer, [red, green, blue]: readonly [number, number, number] = [0, 0, 0]) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let at = 0; at < data.length; at += info.channels) {
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
  }
  return { width: info.width, height: info.height, share: count / (info.width * info.height), data };
}
