import type { RetiredTrainer } from './trainer.ts';

/** fal-ai/flux-pro-trainer, which fal has ended (fal contract §4.5); `finetune_type: dreambooth` stood for it. */
export const fluxPro: RetiredTrainer = {
  name: 'flux-pro',
  endpoint: 'fal-ai/flux-pro-trainer',
  status: 'retired',
  retired_reason: 'fal has ended this endpoint; avatars that it trained stay as they are.',
  description: 'The trainer of the earlier system’s styles and of `finetune_type: dreambooth`.',
  training_types: ['portrait', 'style', 'object'],
  settings: {
    steps: {
      fal_name: 'iterations',
      type: 'integer',
      minimum: 100,
      maximum: 1000,
      default: 300,
      description: 'Steps.',
    },
    learning_rate: { type: 'number', default: 1e-4, description: 'Learning rate.' },
    trigger_phrase: { fal_name: 'trigger_word', type: 'string', default: 'TOK', description: 'The trigger word.' },
    captioning: { type: 'boolean', default: true, description: 'Caption the photos before training.' },
    finetune_type: { type: 'string', default: 'lora', description: 'lora or dreambooth.' },
    finetune_comment: { type: 'string', default: null, description: 'A label shown at fal.' },
  },
};
