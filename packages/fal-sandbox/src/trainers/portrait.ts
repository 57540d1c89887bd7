import { perImage, type Trainer } from './trainer.ts';

/** fal-ai/flux-lora-portrait-trainer, fal contract §4.1. Ten images are advised there; four as hard minimum is a guess. */
export const portraitTrainer: Trainer = {
  endpoint: 'fal-ai/flux-lora-portrait-trainer',
  fields: {
    images_data_url: { type: 'string', required: true },
    trigger_phrase: { type: 'string', nullable: true },
    learning_rate: { type: 'number', min: 1e-6, max: 1e-3, default: 9e-5 },
    steps: { type: 'integer', min: 1, max: 10000, default: 2500 },
    multiresolution_training: { type: 'boolean', default: true },
    subject_crop: { type: 'boolean', default: true },
    data_archive_format: { type: 'string', nullable: true },
    resume_from_checkpoint: { type: 'string', default: '' },
    create_masks: { type: 'boolean', default: false },
  },
  minimumImages: 4,
  defaultSteps: 2500,
  rate: 6.2,
  usdPerStep: 0.0024,
  takesMasks: false,
  stages: (values, images) => [
    ...(values.subject_crop === true ? perImage('Cropping subject in image', images, 0.3) : []),
    ...(values.create_masks === true ? perImage('Creating mask for image', images, 0.5) : []),
    { message: `Caching latents${values.multiresolution_training === true ? ' at 512, 768, 1024' : ''}`, seconds: 4 },
  ],
};
