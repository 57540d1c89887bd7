import { perImage, type Trainer } from './trainer.ts';

/** fal-ai/turbo-flux-trainer, fal contract §4.3; four images as minimum is a guess. */
export const turboTrainer: Trainer = {
  endpoint: 'fal-ai/turbo-flux-trainer',
  fields: {
    images_data_url: { type: 'string', required: true },
    trigger_phrase: { type: 'string', nullable: true, default: 'ohwx' },
    steps: { type: 'integer', min: 1, max: 10000, default: 1000 },
    learning_rate: { type: 'number', min: 1e-7, max: 0.01, default: 0.00115 },
    training_style: { type: 'string', nullable: true, default: 'subject', oneOf: ['subject', 'style'] },
    face_crop: { type: 'boolean', default: true },
  },
  minimumImages: 4,
  defaultSteps: 1000,
  rate: 22,
  usdPerStep: 0.0024,
  takesMasks: false,
  stages: (values, images) => [
    ...(values.face_crop === true ? perImage('Cropping face in image', images, 0.2) : []),
    { message: values.training_style === 'style' ? 'Training a style' : 'Training a subject', seconds: 1 },
  ],
};
