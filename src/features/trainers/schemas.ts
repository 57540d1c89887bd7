import { Type } from 'typebox';
import { finetuneTypes, trainingTypes } from '../../platform/db/schema.ts';
import { Closed, Enum, Named, Nullable, Page } from '../../platform/http/schemas.ts';
import { Line } from '../../platform/http/text.ts';
import { presetNames } from './trainer.ts';

/**
 * The optional settings in the body of a training. Ranges depend on the trainer and are checked against its record, so
 * that a refusal can name the trainers that take the value.
 */
export const SettingsFields = {
  preset: Type.Optional(
    Enum(presetNames, {
      description:
        'Named set of settings of the trainer; settings of the request take precedence. Default: `balanced`.',
      examples: ['balanced'],
    }),
  ),
  steps: Type.Optional(
    Type.Integer({ description: 'Number of training steps; the price is per step.', examples: [2500] }),
  ),
  learning_rate: Type.Optional(
    Type.Number({
      description: 'Learning rate. For styles and objects it selects the trainer `turbo`.',
      examples: [0.00009],
    }),
  ),
  trigger_phrase: Type.Optional(
    Line({
      maxLength: 255,
      description: 'The words that stand for the subject in prompts; default: the trigger word of the avatar.',
      examples: ['TOK'],
    }),
  ),
  multiresolution_training: Type.Optional(
    Type.Boolean({ description: 'Train at several resolutions. Portraits only.' }),
  ),
  subject_crop: Type.Optional(Type.Boolean({ description: 'Crop each photo to the subject. Portraits only.' })),
  create_masks: Type.Optional(
    Type.Boolean({ description: 'Mask everything but the subject. Portraits, and objects without a learning rate.' }),
  ),
  captioning: Type.Optional(Type.Boolean({ description: 'Refused: only a trainer that fal has ended takes it.' })),
  finetune_type: Type.Optional(
    Enum(finetuneTypes, {
      description: 'Every trainer makes a `lora`; `dreambooth` is refused, since fal has ended its trainer.',
    }),
  ),
  finetune_comment: Type.Optional(
    Line({ maxLength: 1000, description: 'Refused: only a trainer that fal has ended takes it.' }),
  ),
};

const SettingValue = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] });

const SettingSchema = Closed({
  name: Type.String(),
  type: Enum(['integer', 'number', 'boolean', 'string']),
  minimum: Nullable(Type.Number()),
  maximum: Nullable(Type.Number()),
  max_length: Nullable(Type.Integer()),
  default: Type.Unsafe<string | number | boolean | null>({
    type: ['string', 'number', 'boolean', 'null'],
    description: 'Default value; null when the avatar supplies it.',
  }),
  training_types: Type.Array(Enum(trainingTypes)),
  description: Type.String(),
});

export const TrainerSchema = Named('Trainer', {
  name: Type.String(),
  endpoint: Type.String({ description: 'The endpoint at fal.' }),
  status: Enum(['active', 'retired']),
  description: Type.String(),
  training_types: Type.Array(Enum(trainingTypes)),
  base: Nullable(
    Type.String({ description: 'The base model of its LoRAs; `GET /v1/models` lists the models that take them.' }),
  ),
  settings: Type.Array(SettingSchema),
  photos: Nullable(Closed({ minimum: Type.Integer(), maximum: Type.Integer() })),
  presets: Nullable(
    Type.Unsafe<Record<string, Record<string, string | number | boolean>>>(
      Type.Record(Type.String(), Type.Record(Type.String(), SettingValue)),
    ),
  ),
  default_preset: Nullable(Enum(presetNames)),
  price_per_step_usd: Nullable(Type.Number()),
  price_note: Nullable(Type.String()),
  longest_run_seconds: Nullable(Type.Integer({ description: 'Seconds after which a job at fal is given up.' })),
  retired_reason: Nullable(Type.String()),
});

export const TrainerList = Page(TrainerSchema);
