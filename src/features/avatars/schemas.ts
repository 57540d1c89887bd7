import { Type } from 'typebox';
import {
  avatarGenders,
  avatarStatuses,
  avatarTypes,
  falPriorities,
  finetuneTypes,
  trainingTypes,
} from '../../platform/db/schema.ts';
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
import { Line } from '../../platform/http/text.ts';

const Name = Line({
  maxLength: 100,
  description: 'Name in any script; leading and trailing spaces are removed.',
  examples: ['Ada'],
});
const TriggerWord = Line({
  maxLength: 50,
  description: 'Stands for the subject in prompts, unless a training names another phrase.',
  examples: ['TOK'],
});
const Gender = Enum(avatarGenders);
const AvatarType = Enum(avatarTypes, { default: 'character' });
const TrainingType = Enum(trainingTypes, {
  description: 'Type of training, which selects the trainers; it never changes.',
});

export const AvatarRequest = Closed(
  {
    user_id: Uuid,
    name: Name,
    gender: Gender,
    training_type: TrainingType,
    avatar_type: Type.Optional(AvatarType),
    trigger_word: Type.Optional(TriggerWord),
  },
  {
    examples: [
      { user_id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55', name: 'Ada', gender: 'female', training_type: 'portrait' },
    ],
  },
);

export const AvatarPatch = Closed(
  {
    name: Type.Optional(Name),
    gender: Type.Optional(Gender),
    avatar_type: Type.Optional(Enum(avatarTypes)),
    trigger_word: Type.Optional(TriggerWord),
    fal_priority: Type.Optional(Enum(falPriorities, { description: 'Priority of trainings that name none.' })),
  },
  { minProperties: 1, examples: [{ name: 'Ada Lovelace' }] },
);

const sentColumns = {
  learning_rate: Nullable(Type.Number()),
  trigger_phrase: Nullable(Type.String()),
  steps: Nullable(Type.Integer()),
  multiresolution_training: Nullable(Type.Boolean()),
  subject_crop: Nullable(Type.Boolean()),
  create_masks: Nullable(Type.Boolean()),
  captioning: Nullable(Type.Boolean()),
  finetune_type: Nullable(Enum(finetuneTypes)),
  finetune_comment: Nullable(Type.String()),
};

const summary = {
  id: Uuid,
  user_id: Uuid,
  name: Type.String({ examples: ['Ada'] }),
  gender: Gender,
  avatar_type: Enum(avatarTypes),
  status: Enum(avatarStatuses),
  finetune_id: Nullable(
    Type.String({ description: 'Id given by a trainer that fal has ended; null for other avatars.' }),
  ),
  training_progress: Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Progress of the latest training, in percent.',
  }),
  training_started_at: Nullable(Timestamp),
  training_completed_at: Nullable(Timestamp),
  fal_mode: Type.String(),
  fal_iterations: Type.Integer(),
  fal_priority: Enum(falPriorities),
  trigger_word: Type.String(),
  lora_rank: Type.Integer(),
  avatar_data: Type.Unknown({ description: 'Data without a fixed form, kept from the earlier system.' }),
  training_config: Type.Unknown(),
  photos_count: Type.Integer(),
  generations_count: Type.Integer(),
  created_at: Timestamp,
  updated_at: Timestamp,
  is_draft: Type.Boolean({ description: 'True exactly while `status` is `draft`.' }),
  training_type: Nullable(TrainingType),
  fal_request_id: Nullable(Type.String()),
  ...sentColumns,
  diffusers_lora_file_url: Nullable(
    Type.String({ description: 'Address of the weights at fal; the stored copy is an artifact of the training.' }),
  ),
  config_file_url: Nullable(Type.String()),
  training_error: Nullable(Type.String()),
  webhook_url: Nullable(Type.String()),
  last_status_check: Nullable(Timestamp),
  artifact_verified: Type.Boolean({ description: 'Whether the trained weights were fetched, checked and stored.' }),
  sandbox: Type.Boolean({ description: 'True when the sandbox stands in for fal and nothing is paid.' }),
  latest_training_id: Nullable(Uuid),
  is_main: Type.Boolean({ description: 'Whether the avatar is the main avatar of its user.' }),
  has_preview: Type.Boolean({ description: 'Whether an image was chosen as the preview of the avatar.' }),
};

export const AvatarSummarySchema = Named('AvatarSummary', summary, {
  description:
    'An avatar without the two members that have no limit to their size, training_logs and fal_response_data.',
});

export const AvatarSchema = Named('Avatar', {
  ...summary,
  training_logs: Nullable(Type.String({ description: 'Log of the latest training.' })),
  fal_response_data: Type.Unknown({ description: 'The last answer of fal, unchanged; null before the first.' }),
});

export const AvatarListQuery = Closed({
  ...CountedListQuery,
  user_id: Type.Optional(Uuid),
  status: Type.Optional(
    Type.Array(Enum(avatarStatuses), {
      maxItems: 7,
      uniqueItems: true,
      description: 'Only avatars of this status; repeat the parameter for several.',
    }),
  ),
  training_type: Type.Optional(Enum(trainingTypes)),
});

export const AvatarPage = CountedPage(AvatarSummarySchema);
