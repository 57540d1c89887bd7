import { type Static, Type } from 'typebox';
import { chargedAnswers, falPriorities, resultSources, jobStatuses, trainingTypes } from '../../platform/db/schema.ts';
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
import { linkAnswer } from '../../platform/http/signed-link.ts';
import { SettingsFields } from '../trainers/schemas.ts';
import { failureCodes } from './failures.ts';

export const TrainingRequest = Closed(
  {
    ...SettingsFields,
    fal_priority: Type.Optional(
      Enum(falPriorities, {
        description: 'Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.',
      }),
    ),
    dry_run: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Check the request and answer what would be sent and what it would cost, without starting a training.',
      }),
    ),
  },
  {
    examples: [
      { preset: 'balanced' },
      { steps: 1500, learning_rate: 0.0001, trigger_phrase: 'OHWX person' },
      { dry_run: true },
    ],
  },
);

const Artifact = Closed({
  size: Type.Integer({ description: 'Size in bytes.' }),
  sha256: Sha256,
  content_type: Type.String(),
});
const Artifacts = Closed(
  { lora: Artifact, config: Nullable(Artifact) },
  {
    description:
      'Files that were fetched, verified and stored; `GET …/artifacts/lora` and `…/artifacts/config` serve the files. `config` is null only for avatars of the earlier system.',
  },
);

export const TrainingError = Closed({
  code: Type.String({ description: `One of ${Object.keys(failureCodes).join(', ')}.`, examples: ['invalid-photo'] }),
  message: Type.String({ description: 'Explanation, for people.' }),
  detail: Type.Unknown({ description: 'The answer of fal, unchanged.' }),
  retryable: Type.Boolean({
    description: 'Whether the training may succeed when it is retried unchanged.',
  }),
  charged: Enum(chargedAnswers, { description: 'Whether fal charges for the training.' }),
  provider_request_id: Nullable(Type.String()),
});

const SettingValue = Type.Unsafe<string | number | boolean | null>({ type: ['string', 'number', 'boolean', 'null'] });

export const TrainingSchema = Named('Training', {
  id: Uuid,
  avatar_id: Nullable(Uuid),
  user_id: Nullable(Uuid),
  attempt: Type.Integer({ description: 'Number of the attempt: 1 for the first training of the avatar.' }),
  retry_of: Nullable(Uuid),
  training_type: Enum(trainingTypes),
  trainer: Type.String({ examples: ['portrait'] }),
  endpoint: Type.String({ examples: ['fal-ai/flux-lora-portrait-trainer'] }),
  status: Enum(jobStatuses),
  sandbox: Type.Boolean({
    description: 'True when the sandbox stood in for fal: nothing was paid, and the LoRA is not a real one.',
  }),
  fal_priority: Enum(falPriorities),
  settings: Type.Unsafe<Record<string, string | number | boolean | null>>(Type.Record(Type.String(), SettingValue)),
  photos: Type.Array(Closed({ id: Uuid, sha256: Nullable(Sha256) }), {
    description: 'The photos of the training, in order.',
  }),
  estimated_cost_usd: Type.Number(),
  charged: Nullable(Enum(chargedAnswers)),
  fal_request_id: Nullable(Type.String()),
  gateway_request_id: Nullable(Type.String()),
  webhook_url: Nullable(
    Type.String({ description: 'The address to which fal sends its webhook, without the secret token.' }),
  ),
  submissions: Type.Integer({
    description:
      'Number of submissions to fal. A training is submitted again only after fal has refused the submission before.',
  }),
  progress: Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Progress in percent; 100 only once the artifact is verified.',
  }),
  step: Nullable(Type.Integer()),
  total_steps: Nullable(Type.Integer()),
  loss: Nullable(Type.Number()),
  eta_seconds: Nullable(Type.Integer()),
  error: Nullable(TrainingError),
  result_source: Nullable(
    Enum(resultSources, { description: 'How the outcome was learned: from a signed webhook of fal, or by polling.' }),
  ),
  artifacts: Nullable(Artifacts),
  late_artifacts: Nullable(Artifacts),
  blocked_reason: Nullable(
    Type.String({ description: 'Why fal does not accept the training now; null when it does not wait for that.' }),
  ),
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
});
export type TrainingView = Static<typeof TrainingSchema>;

export const TrainingPlanSchema = Named('TrainingPlan', {
  dry_run: Type.Literal(true),
  trainer: Type.String(),
  endpoint: Type.String(),
  training_type: Enum(trainingTypes),
  settings: Type.Unsafe<Record<string, string | number | boolean | null>>(Type.Record(Type.String(), SettingValue)),
  photos_count: Type.Integer(),
  estimated_cost_usd: Type.Number(),
  sandbox: Type.Boolean(),
});
export type PlanView = Static<typeof TrainingPlanSchema>;

export const TrainingPage = CountedPage(TrainingSchema);
export const TrainingListQuery = Closed({
  ...CountedListQuery,
  status: Type.Optional(Enum(jobStatuses)),
  avatar_id: Type.Optional(Uuid),
  user_id: Type.Optional(Uuid),
  needs_attention: Type.Optional(
    Type.Boolean({ description: 'Only trainings whose submission an operator has to resolve.' }),
  ),
});
export const AvatarTrainingListQuery = Closed(CountedListQuery);

export const LogsQuery = Closed({
  after: Type.Integer({
    minimum: 0,
    default: 0,
    description: '`next_after` of the previous page; 0 for the beginning.',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
});
const LogLineSchema = Named('LogLine', {
  index: Type.Integer(),
  message: Type.String(),
  timestamp: Nullable(Type.String()),
  level: Nullable(Type.String()),
});
export const LogsSchema = Closed({
  data: Type.Array(LogLineSchema),
  next_after: Type.Integer({ description: 'Pass it as `after` to get what follows, now or later.' }),
  is_complete: Type.Boolean({ description: 'True when the log is complete: no line will be added.' }),
});

export const artifactKinds = ['lora', 'config'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];
export const ArtifactParams = Closed({ id: Uuid, kind: Enum(artifactKinds) });
export const ArtifactLink = Named('ArtifactLink', linkAnswer);
