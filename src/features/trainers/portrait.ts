import { defineTrainer } from './trainer.ts';

/** fal-ai/flux-lora-portrait-trainer, fal contract §4.1. */
export const portrait = defineTrainer({
  name: 'portrait',
  endpoint: 'fal-ai/flux-lora-portrait-trainer',
  description: 'Faces: crops to the subject and learns a person from 10 to 20 photos.',
  training_types: ['portrait'],
  base: 'flux1-dev',
  settings: {
    steps: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 2500,
      description: 'Number of training steps; the price is per step.',
    },
    learning_rate: {
      type: 'number',
      minimum: 1e-6,
      maximum: 1e-3,
      default: 9e-5,
      description: 'Learning rate. A lower rate needs more steps and keeps more detail.',
    },
    trigger_phrase: {
      type: 'string',
      max_length: 255,
      default: null,
      description: 'The words that stand for the person in prompts; default: the trigger word of the avatar.',
    },
    multiresolution_training: {
      type: 'boolean',
      default: true,
      description: 'Train at several resolutions.',
    },
    subject_crop: { type: 'boolean', default: true, description: 'Crop each photo to the subject.' },
    create_masks: { type: 'boolean', default: false, description: 'Mask everything but the subject.' },
  },
  archive_argument: 'images_data_url',
  fixed_arguments: { portrait: { resume_from_checkpoint: '' } },
  photos: { minimum: 10, maximum: 20 },
  presets: {
    fast: { steps: 1000, learning_rate: 2e-4 },
    balanced: { steps: 2500, learning_rate: 9e-5 },
    quality: { steps: 4000, learning_rate: 5e-5 },
  },
  default_preset: 'balanced',
  price_per_step_usd: 0.0024,
  price_note: 'Unconfirmed: public sources name 0.0024 and 0.024 USD a step. Ask the pricing API of fal.',
  longest_run_seconds: 7200,
  outputs: { lora: 'diffusers_lora_file', config: 'config_file' },
});
