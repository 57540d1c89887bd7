import { Type } from 'typebox';
import { Closed, Enum, Named, Nullable, Page } from '../../platform/http/schemas.ts';
import { presetNames } from '../trainers/trainer.ts';
import { aspectRatios, modelSettingNames } from './model.ts';

const SettingValue = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] });
const Pixels = Type.Integer({ description: 'Pixels.' });

const ModelSettingSchema = Closed({
  name: Enum(modelSettingNames),
  type: Enum(['integer', 'number', 'boolean', 'string']),
  minimum: Nullable(Type.Number()),
  maximum: Nullable(Type.Number()),
  values: Nullable(Type.Array(Type.String(), { description: 'The texts that are taken.' })),
  default: SettingValue,
  description: Type.String(),
});

export const ModelSchema = Named('Model', {
  name: Type.String({ examples: ['flux-lora'] }),
  endpoint: Type.String({ description: 'The endpoint at fal.' }),
  status: Enum(['active', 'retired']),
  description: Type.String(),
  base: Nullable(
    Type.String({ description: 'The base model: it takes the LoRAs of the trainers that name the same one.' }),
  ),
  settings: Type.Array(ModelSettingSchema),
  presets: Nullable(
    Type.Unsafe<Record<string, Record<string, string | number | boolean>>>(
      Type.Record(Type.String(), Type.Record(Type.String(), SettingValue)),
    ),
  ),
  default_preset: Nullable(Enum(presetNames)),
  num_images: Nullable(
    Closed({ minimum: Type.Integer(), maximum: Type.Integer() }, { description: 'Number of images of a generation.' }),
  ),
  sizes: Type.Array(Closed({ aspect_ratio: Enum(aspectRatios), width: Pixels, height: Pixels }), {
    description: 'The exact size of each aspect ratio.',
  }),
  default_aspect_ratio: Nullable(Enum(aspectRatios)),
  side: Nullable(
    Closed(
      { minimum: Pixels, maximum: Pixels, multiple_of: Pixels },
      { description: 'Width and height of own sizes.' },
    ),
  ),
  price_per_megapixel_usd: Nullable(Type.Number()),
  pixels_per_megapixel: Nullable(
    Type.Integer({ description: 'Pixels that are billed as one megapixel; each image is rounded up.' }),
  ),
  price_note: Nullable(Type.String()),
  longest_run_seconds: Nullable(Type.Integer({ description: 'Seconds after which a job at fal is given up.' })),
  retired_reason: Nullable(Type.String()),
});

export const ModelList = Page(ModelSchema);
