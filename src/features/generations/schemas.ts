import { type Static, Type } from 'typebox';
import {
  chargedAnswers,
  falPriorities,
  imageStatuses,
  resultSources,
  jobStatuses,
  triggerUses,
} from '../../platform/db/schema.ts';
import {
  Closed,
  CountedListQuery,
  CountedPage,
  Enum,
  Named,
  Nullable,
  Sha256,
  Timestamp,
  Uuid,
} from '../../platform/http/schemas.ts';
import { Slug } from '../../platform/http/text.ts';
import { aspectRatios } from '../models/model.ts';
import { maxPrompt } from '../models/prompt-text.ts';
import { presetNames } from '../trainers/trainer.ts';
import { failureCodes } from './failures.ts';

// Ranges depend on the model and are checked against its record.
export const ImageFields = {
  preset: Type.Optional(
    Enum(presetNames, {
      description: 'Named set of settings of the model; settings of the request take precedence. Default: `balanced`.',
    }),
  ),
  steps: Type.Optional(Type.Integer({ description: 'Number of inference steps.', examples: [28] })),
  guidance_scale: Type.Optional(
    Type.Number({ description: 'How closely the image follows the prompt; lower values give more natural skin.' }),
  ),
  lora_scale: Type.Optional(Type.Number({ description: 'Weight of the LoRA.', examples: [1] })),
  output_format: Type.Optional(Enum(['jpeg', 'png'], { description: 'Format of the images. Default: `jpeg`.' })),
  num_images: Type.Optional(Type.Integer({ description: 'Number of images, 1 to 4. Default: 1.', examples: [2] })),
  aspect_ratio: Type.Optional(
    Enum(aspectRatios, { description: 'Width:height; `GET /v1/models` lists the exact sizes. Default: `1:1`.' }),
  ),
  width: Type.Optional(
    Type.Integer({
      description: 'Pixels, a multiple of 16; with `height`, in place of `aspect_ratio`. Never rounded.',
    }),
  ),
  height: Type.Optional(Type.Integer({ description: 'Pixels, a multiple of 16.' })),
};

export const PromptText = Type.String({
  description: `What to show, in one line of up to ${maxPrompt} characters, in English. \`{trigger}\` becomes the trigger phrase of the avatar, \`{subject}\` the phrase with man, woman or person; a prompt that has neither begins with the subject.`,
  examples: ['on a bicycle in the rain'],
});

export const fal_priority = Type.Optional(
  Enum(falPriorities, {
    description: 'Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.',
  }),
);
export const dry_run = Type.Boolean({
  default: false,
  description: 'Check the request and answer what would be sent and what it would cost, without starting anything.',
});

export const GenerationRequest = Closed(
  {
    prompt: Type.Optional(PromptText),
    pack: Type.Optional(
      Slug({
        maxLength: 100,
        description: 'Pack that the prompt is taken from, in place of `prompt`; with `pack_item`.',
      }),
    ),
    pack_item: Type.Optional(
      Slug({
        maxLength: 100,
        description:
          'Name of an item of the pack. Its number of images, aspect ratio and preset are used where the request says none.',
      }),
    ),
    raw_prompt: Type.Boolean({
      default: false,
      description: 'Send the prompt as it is: nothing is replaced and no trigger phrase is added.',
    }),
    model: Type.Optional(Type.String({ maxLength: 50, description: 'Name of a model. Default: `flux-lora`.' })),
    ...ImageFields,
    seed: Type.Optional(
      Type.Integer({ description: '0 to 4294967295. Default: a random one, which the generation shows.' }),
    ),
    training_id: Type.Optional(
      Type.String({ ...Uuid, description: 'The training whose LoRA is used. Default: the newest that succeeded.' }),
    ),
    fal_priority,
    dry_run,
  },
  {
    minProperties: 1,
    examples: [
      { prompt: 'on a bicycle in the rain' },
      { prompt: 'a portrait of {subject} in a studio', num_images: 4, aspect_ratio: '3:4', preset: 'quality' },
      { pack: 'portrait', pack_item: 'window' },
      { prompt: 'at the sea', dry_run: true },
    ],
  },
);

export const RepeatRequest = Closed(
  {
    ...ImageFields,
    seed: Type.Optional(
      Type.Unsafe<number | 'same'>({
        anyOf: [{ type: 'integer' }, { type: 'string', enum: ['same'] }],
        description: '`same`, or 0 to 4294967295. Default: another random one.',
      }),
    ),
    lora: Enum(['same', 'latest'], {
      default: 'same',
      description: '`same`: the LoRA of the generation; `latest`: that of the newest training that succeeded.',
    }),
    fal_priority,
    dry_run,
  },
  { examples: [{}, { num_images: 4, lora: 'latest' }] },
);

const GenerationErrorSchema = Closed({
  code: Type.String({ description: `One of ${Object.keys(failureCodes).join(', ')}.`, examples: ['content-policy'] }),
  message: Type.String({ description: 'Explanation, for people.' }),
  detail: Type.Unknown({ description: 'The answer of fal, unchanged.' }),
  retryable: Type.Boolean({ description: 'Whether the generation may succeed when it is repeated.' }),
  charged: Enum(chargedAnswers, { description: 'Whether fal charges for the generation.' }),
  provider_request_id: Nullable(Type.String()),
});

const GeneratedImage = Closed({
  id: Uuid,
  index: Type.Integer({ description: 'Place in the result of fal, from 0.' }),
  status: Enum(imageStatuses, {
    description: '`flagged`: the safety checker of fal gave no picture; `lost`: the picture could not be fetched.',
  }),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  content_type: Nullable(Type.String()),
  size: Nullable(Type.Integer({ description: 'Size in bytes.' })),
  sha256: Nullable(Sha256),
  favorite: Type.Boolean(),
  likeness: Nullable(Type.Unsafe<Record<string, unknown>>(Type.Record(Type.String(), Type.Unknown()))),
});

const Warning = Closed({ code: Type.String(), detail: Type.String() });
const Settings = Type.Unsafe<Record<string, string | number | boolean>>(
  Type.Record(Type.String(), Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] })),
);
const Warnings = Type.Array(Warning, { description: 'What fal would pass over in silence.' });
const isNull = 'null once it was deleted, and for a user token when it is from a pack that is not public';
const OwnPrompt = Type.String({ description: `The prompt of the request, or of the item of the pack; ${isNull}.` });
const FinalPrompt = Type.String({ description: `The prompt as fal gets it; ${isNull}.` });

export const GenerationSchema = Named('Generation', {
  id: Uuid,
  avatar_id: Nullable(Uuid),
  user_id: Nullable(Uuid),
  training_id: Nullable(Uuid),
  batch_id: Nullable(Uuid),
  repeat_of: Nullable(Uuid),
  pack: Nullable(Type.String()),
  pack_item: Nullable(Type.String()),
  model: Type.String({ examples: ['flux-lora'] }),
  endpoint: Type.String({ examples: ['fal-ai/flux-lora'] }),
  status: Enum(jobStatuses),
  sandbox: Type.Boolean({ description: 'True when the sandbox stood in for fal: nothing was paid.' }),
  fal_priority: Enum(falPriorities),
  prompt: Nullable(OwnPrompt),
  final_prompt: Nullable(FinalPrompt),
  trigger: Enum(triggerUses, { description: 'How the trigger phrase came into the prompt.' }),
  preset: Enum(presetNames),
  aspect_ratio: Nullable(Enum(aspectRatios)),
  width: Type.Integer(),
  height: Type.Integer(),
  num_images: Type.Integer(),
  seed: Type.Integer({ description: 'One for all images of the generation.' }),
  settings: Settings,
  lora_sha256: Sha256,
  warnings: Warnings,
  estimated_cost_usd: Type.Number(),
  charged: Nullable(Enum(chargedAnswers)),
  billed_units: Nullable(Type.Number({ description: 'Megapixels that fal charges for, as it told them.' })),
  fal_request_id: Nullable(Type.String()),
  gateway_request_id: Nullable(Type.String()),
  submissions: Type.Integer({
    description: 'Number of submissions to fal, each after fal had refused the one before.',
  }),
  error: Nullable(GenerationErrorSchema),
  result_source: Nullable(Enum(resultSources)),
  images_ok: Type.Integer({ description: 'Number of images that were made and stored; deleted ones count.' }),
  images: Type.Array(GeneratedImage),
  has_late_result: Type.Boolean({ description: 'True when a late result is stored and can be accepted.' }),
  blocked_reason: Nullable(Type.String()),
  blocked_at: Nullable(Timestamp),
  submit_unknown_at: Nullable(Timestamp),
  needs_attention_at: Nullable(Timestamp),
  cancel_requested_at: Nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
  submitted_at: Nullable(Timestamp),
  accepted_at: Nullable(Timestamp),
  started_at: Nullable(Timestamp),
  ended_at: Nullable(Timestamp),
  last_status_check: Nullable(Timestamp),
  deadline_at: Timestamp,
  erased_at: Nullable(
    Type.String({ ...Timestamp, description: 'When prompt and images were deleted; the bill remains.' }),
  ),
});
export type GenerationView = Static<typeof GenerationSchema>;

export const GenerationPlanSchema = Named('GenerationPlan', {
  dry_run: Type.Literal(true),
  avatar_id: Uuid,
  training_id: Uuid,
  model: Type.String(),
  endpoint: Type.String(),
  pack: Nullable(Type.String()),
  pack_item: Nullable(Type.String()),
  prompt: Nullable(OwnPrompt),
  final_prompt: Nullable(FinalPrompt),
  trigger: Enum(triggerUses),
  preset: Enum(presetNames),
  aspect_ratio: Nullable(Enum(aspectRatios)),
  width: Type.Integer(),
  height: Type.Integer(),
  num_images: Type.Integer(),
  seed: Nullable(Type.Integer({ description: 'Null when it would be drawn.' })),
  settings: Settings,
  lora_sha256: Sha256,
  estimated_cost_usd: Type.Number(),
  sandbox: Type.Boolean(),
  warnings: Warnings,
});
export type GenerationPlanView = Static<typeof GenerationPlanSchema>;

export const GenerationPage = CountedPage(GenerationSchema);

const own = {
  status: Type.Optional(Enum(jobStatuses)),
  erased: Type.Boolean({
    default: false,
    description: 'True for generations whose prompt and images were deleted; they are left out otherwise.',
  }),
};
export const AvatarGenerationListQuery = Closed({ ...CountedListQuery, ...own });
export const GenerationListQuery = Closed({
  ...CountedListQuery,
  ...own,
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
  batch_id: Type.Optional(Uuid),
  pack: Type.Optional(Slug({ maxLength: 100, description: 'Only generations whose prompt is from this pack.' })),
  needs_attention: Type.Optional(
    Type.Boolean({ description: 'Only generations whose submission an operator has to resolve.' }),
  ),
});
