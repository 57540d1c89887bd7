import type { JsonObject } from '../json.ts';
import type { Model } from './model.ts';

/** Pixels of named sizes; portrait_4_3 is 3 wide and 4 high (fal contract §4.6). */
const sizes: Readonly<Record<string, { width: number; height: number }>> = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 },
};

/** fal-ai/flux-lora, fal contract §4.6: FLUX.1 [dev] with LoRAs. */
export const fluxLora: Model = {
  endpoint: 'fal-ai/flux-lora',
  base: 'flux1-dev',
  fields: {
    prompt: { type: 'string', required: true },
    image_size: {
      type: 'object-or-name',
      model: 'ImageSize',
      fields: {
        width: { type: 'integer', above: 0, max: 14142, default: 512 },
        height: { type: 'integer', above: 0, max: 14142, default: 512 },
      },
      names: Object.keys(sizes),
      default: 'landscape_4_3',
    },
    num_inference_steps: { type: 'integer', min: 1, max: 50, default: 28 },
    seed: { type: 'integer', nullable: true },
    loras: {
      type: 'list',
      fields: {
        path: { type: 'string', required: true },
        scale: { type: 'number', min: 0, max: 4, default: 1 },
      },
      default: [],
    },
    guidance_scale: { type: 'number', min: 0, max: 35, default: 3.5 },
    num_images: { type: 'integer', min: 1, max: 4, default: 1 },
    sync_mode: { type: 'boolean', default: false },
    enable_safety_checker: { type: 'boolean', default: true },
    output_format: { type: 'string', oneOf: ['jpeg', 'png'], default: 'jpeg' },
    acceleration: { type: 'string', oneOf: ['none', 'regular'], default: 'none' },
  },
  sizeOf({ image_size: asked }: JsonObject) {
    const { width, height } = typeof asked === 'string' ? (sizes[asked] ?? {}) : Object(asked);
    return { width: floored(width), height: floored(height) };
  },
};

/** FLUX rounds sides down to multiples of 16 without notice (fal contract §4.6). */
const floored = (side: number): number => Math.max(16, Math.floor(side / 16) * 16);
