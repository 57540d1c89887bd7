import { isRecord } from '../../fal/shapes.ts';
import { defineModel, type ModelOutput } from './model.ts';

/** fal-ai/flux-lora, fal contract §4.6: FLUX.1 [dev] with LoRAs. */
export const fluxLora = defineModel({
  name: 'flux-lora',
  endpoint: 'fal-ai/flux-lora',
  description: 'FLUX.1 [dev] with the LoRA of an avatar. It knows no negative prompt and no weights in a prompt.',
  base: 'flux1-dev',
  settings: {
    steps: {
      fal_name: 'num_inference_steps',
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: 28,
      description: 'Number of inference steps; the price does not depend on it.',
    },
    guidance_scale: {
      type: 'number',
      minimum: 0,
      maximum: 35,
      default: 3,
      description: 'How closely the image follows the prompt; lower values give more natural skin.',
    },
    lora_scale: {
      type: 'number',
      minimum: 0,
      maximum: 4,
      default: 1,
      description: 'Weight of the LoRA; 0 is the model without the avatar.',
    },
    output_format: { type: 'string', values: ['jpeg', 'png'], default: 'jpeg', description: 'Format of the images.' },
  },
  presets: {
    fast: { steps: 20, guidance_scale: 3 },
    balanced: { steps: 28, guidance_scale: 3 },
    quality: { steps: 40, guidance_scale: 2.8 },
  },
  default_preset: 'balanced',
  fixed_settings: { acceleration: 'none', safety_checker: true },
  images: { minimum: 1, maximum: 4 },
  sizes: {
    '1:1': { width: 1024, height: 1024 },
    '4:3': { width: 1152, height: 864 },
    '3:4': { width: 864, height: 1152 },
    '5:4': { width: 1040, height: 832 },
    '4:5': { width: 832, height: 1040 },
    '3:2': { width: 1200, height: 800 },
    '2:3': { width: 800, height: 1200 },
    '16:9': { width: 1280, height: 720 },
    '9:16': { width: 720, height: 1280 },
    '21:9': { width: 1456, height: 624 },
  },
  default_aspect_ratio: '1:1',
  // fal floors other sides without a word; beyond 1440 pixels the pictures get worse.
  side: { minimum: 256, maximum: 1440, multiple_of: 16 },
  price_per_megapixel_usd: 0.035,
  pixels_per_unit: 1_048_576,
  price_note:
    'By fal’s page of the model: 0.035 USD for each megapixel, rounded up for each image. That 1024 × 1024 pixels are one megapixel is unconfirmed.',
  longest_run_seconds: 600,
  input: ({ finalPrompt, width, height, numImages, seed, settings, loraUrl }) => ({
    prompt: finalPrompt,
    image_size: { width, height },
    num_inference_steps: settings['steps'],
    seed,
    loras: [{ path: loraUrl, scale: settings['lora_scale'] }],
    guidance_scale: settings['guidance_scale'],
    num_images: numImages,
    sync_mode: false,
    enable_safety_checker: settings['safety_checker'],
    output_format: settings['output_format'],
    acceleration: settings['acceleration'],
  }),
  output: readOutput,
});

// fal's lists may be shorter than what was asked for, and images may lack their address.
function readOutput(result: unknown): ModelOutput | null {
  if (!isRecord(result) || !Array.isArray(result['images'])) return null;
  const { has_nsfw_concepts: flags, seed, prompt } = result;
  const images = result['images'].flatMap((image: unknown, index) => {
    const url = isRecord(image) ? image['url'] : undefined;
    if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return [];
    return [{ url, flagged: Array.isArray(flags) && flags[index] === true }];
  });
  if (images.length === 0) return null;
  return {
    images,
    seed: typeof seed === 'number' ? seed : null,
    prompt: typeof prompt === 'string' ? prompt : null,
  };
}
