import { defineTrainer } from './trainer.ts';

/** fal-ai/turbo-flux-trainer, fal contract §4.3. Takes styles and objects whose learning rate is asked for. */
export const turbo = defineTrainer({
  name: 'turbo',
  endpoint: 'fal-ai/turbo-flux-trainer',
  description: 'Styles and objects with a learning rate of your own, from 4 to 20 photos.',
  training_types: ['style', 'object'],
  base: 'flux1-dev',
  settings: {
    steps: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 1000,
      description: 'Number of training steps; the price is per step.',
    },
    learning_rate: {
      type: 'number',
      minimum: 1e-7,
      maximum: 0.01,
      default: 0.00115,
      description: 'Learning rate. Giving it selects this trainer.',
    },
    trigger_phrase: {
      type: 'string',
      max_length: 255,
      default: null,
      description: 'The words that stand for the subject in prompts; default: the trigger word of the avatar.',
    },
  },
  archive_argument: 'images_data_url',
  fixed_arguments: {
    style: { training_style: 'style', face_crop: false },
    object: { training_style: 'subject', face_crop: false },
  },
  photos: { minimum: 4, maximum: 20 },
  presets: { fast: { steps: 500 }, balanced: { steps: 1000 }, quality: { steps: 2000 } },
  default_preset: 'balanced',
  price_per_step_usd: 0.0024,
  price_note: 'By fal’s page of the model: 2.40 USD for 1000 steps.',
  longest_run_seconds: 3600,
  outputs: { lora: 'diffusers_lora_file', config: 'config_file' },
});
