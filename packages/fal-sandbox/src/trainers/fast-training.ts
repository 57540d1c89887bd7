import { perImage, type Trainer } from './trainer.ts';

/** fal-ai/flux-lora-fast-training, fal contract §4.2: no learning_rate; null steps mean about 1000. */
export const fastTrainer: Trainer = {
  endpoint: 'fal-ai/flux-lora-fast-training',
  fields: {
    images_data_url: { type: 'string', required: true },
    trigger_word: { type: 'string', nullable: true },
    create_masks: { type: 'boolean', default: true },
    steps: { type: 'integer', nullable: true, min: 1, max: 10000 },
    is_style: { type: 'boolean', default: false },
    is_input_format_already_preprocessed: { type: 'boolean', default: false },
    data_archive_format: { type: 'string', nullable: true },
  },
  minimumImages: 4,
  defaultSteps: 1000,
  rate: 7.4,
  usdPerStep: 0.002,
  takesMasks: true,
  stages(values, images) {
    if (values.is_input_format_already_preprocessed === true)
      return [{ message: 'Using preprocessed input', seconds: 1 }];
    if (values.is_style === true) return [{ message: 'Style training: captions and masks are left out', seconds: 1 }];
    return [
      ...perImage('Captioning image', images, 0.4),
      ...(values.create_masks === true ? perImage('Creating mask for image', images, 0.5) : []),
    ];
  },
};
