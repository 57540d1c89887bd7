import { type Static, Type } from 'typebox';
import { jobStatuses } from '../../platform/db/schema.ts';
import {
  Closed,
  CountedListQuery,
  CountedPage,
  Enum,
  Named,
  Nullable,
  Timestamp,
  Uuid,
} from '../../platform/http/schemas.ts';
import { Slug } from '../../platform/http/text.ts';
import { mostImages } from '../packs/schemas.ts';
import { GenerationPlanSchema, GenerationRequest, PromptText } from './schemas.ts';

const { prompt: _prompt, pack: _pack, pack_item: _item, ...common } = GenerationRequest.properties;

export const BatchRequest = Closed(
  {
    pack: Type.Optional(Slug({ maxLength: 100, description: 'Pack whose prompts are used; or `prompts`.' })),
    prompts: Type.Optional(
      Type.Array(PromptText, {
        minItems: 1,
        maxItems: mostImages,
        description: `One generation each, in order. A batch has up to ${mostImages} images.`,
      }),
    ),
    ...common,
  },
  {
    minProperties: 1,
    examples: [{ pack: 'portrait' }, { prompts: ['at the sea', '{subject} in the snow'], aspect_ratio: '3:4' }],
  },
);

const Usd = Type.Number({ description: 'USD.' });
const counts = (names: readonly string[]) =>
  Closed(Object.fromEntries(names.map((name) => [name, Type.Integer()])), {
    description: 'Number of generations by status.',
  });

export const BatchImages = Closed(
  { ok: Type.Integer(), flagged: Type.Integer(), lost: Type.Integer() },
  { description: 'Number of images: stored, hidden by the safety checker of fal, and made but not to be had.' },
);

export const BatchSchema = Named('Batch', {
  id: Uuid,
  avatar_id: Nullable(Uuid),
  user_id: Nullable(Uuid),
  pack: Nullable(Type.String()),
  status: Enum(['running', 'ended']),
  num_generations: Type.Integer(),
  num_images: Type.Integer({ description: 'Number of images that were asked for.' }),
  generations: counts(jobStatuses),
  images: BatchImages,
  estimated_cost_usd: Type.Number({ description: 'USD, of all generations.' }),
  charged_cost_usd: Type.Number({ description: 'USD, estimated, of the generations that fal charges for.' }),
  uncertain_cost_usd: Type.Number({ description: 'USD, estimated, of those of which it is unknown.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  cancel_requested_at: Nullable(Timestamp),
  ended_at: Nullable(Timestamp),
});
export type BatchView = Static<typeof BatchSchema>;

export const BatchPlanSchema = Named('BatchPlan', {
  dry_run: Type.Literal(true),
  avatar_id: Uuid,
  pack: Nullable(Type.String()),
  num_generations: Type.Integer(),
  num_images: Type.Integer(),
  estimated_cost_usd: Usd,
  sandbox: Type.Boolean(),
  generations: Type.Array(GenerationPlanSchema),
});
export type BatchPlanView = Static<typeof BatchPlanSchema>;

export const BatchPage = CountedPage(BatchSchema);
export const BatchListQuery = Closed({
  ...CountedListQuery,
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
});
