import { defineTrainer } from './trainer.ts';

/** fal-ai/flux-lora-fast-training, fal contract §4.2. It takes no learning rate; styles have no masks. */
export const fast = defineTrainer({
  name: 'fast',
  endpoint: 'fal-ai/flux-lora-fast-training',
  description: 'Styles and objects, from 4 to 20 photos. It chooses its learning rate by itself.',
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
    trigger_phrase: {
      fal_name: 'trigger_word',
      type: 'string',
      max_length: 255,
      default: null,
      description: 'The words that stand for the subject in prompts; default: the trigger word of the avatar.',
    },
    create_masks: {
      type: 'boolean',
      default: true,
      description: 'Mask everything but the object.',
      training_types: ['object'],
    },
  },
  archive_argument: 'images_data_url',
  fixed_arguments: {
    style: { create_masks: false, is_style: true, is_input_format_already_preprocessed: false },
    object: { is_style: false, is_input_format_already_preprocessed: false },
  },
  photos: { minimum: 4, maximum: 20 },
  presets: { fast: { steps: 500 }, balanced: { steps: 1000 }, quality: { steps: 2000 } },
  default_preset: 'balanced',
  price_per_step_usd: 0.002,
  price_note: 'By fal’s page of the model: 2 USD for 1000 steps.',
  longest_run_seconds: 7200,
  outputs: { lora: 'diffusers_lora_file', config: 'config_file' },
});
