import type { Context } from './context.ts';
import type { Job, Picture } from './job.ts';
import { isRecord, type JsonObject, stringOf } from './json.ts';
import type { Model } from './models/model.ts';
import { seededRandom, wideSeed } from './random.ts';

export interface ImageRequest {
  prompt: string;
  width: number;
  height: number;
  steps: number;
  guidance: number;
  /** Given or drawn. */
  seed: number | bigint;
  loras: readonly { path: string; scale: number }[];
  count: number;
  format: Picture['format'];
  checked: boolean;
  /** Returns images as data URIs, without files. */
  inline: boolean;
}

/** @param values of an input without errors */
export function readRequest({ settings }: Context, job: Job, model: Model, values: JsonObject): ImageRequest {
  const { seed, loras } = values;
  const given = typeof seed === 'number' || typeof seed === 'bigint' ? seed : null;
  return {
    prompt: stringOf(values, 'prompt') ?? '',
    ...model.sizeOf(values),
    steps: Number(values.num_inference_steps),
    guidance: Number(values.guidance_scale),
    seed: given ?? (settings.seed_in_payload ? wideSeed(job.id) : Math.floor(seededRandom(job.id)() * 2 ** 32)),
    loras: (Array.isArray(loras) ? loras : [])
      .filter(isRecord)
      .map(({ path, scale }) => ({ path: String(path), scale: Number(scale) })),
    count: Number(values.num_images),
    format: values.output_format === 'png' ? 'png' : 'jpeg',
    checked: values.enable_safety_checker === true,
    inline: values.sync_mode === true,
  };
}
