import { type Static, Type } from 'typebox';
import {
  chargedAnswers,
  falPriorities,
  resultSources,
  trainingStatuses,
  trainingTypes,
} from '../../platform/db/schema.ts';
import {
  Closed,
  CountedListQuery,
  CountedPage,
  Enum,
  Nullable,
  Sha256,
  Timestamp,
  Uuid,
} from '../../platform/http/schemas.ts';
import { SettingsFields } from '../trainers/schemas.ts';
import { failureCodes } from '../../fal-jobs/failures.ts';

export const TrainingRequest = Closed(
  {
    ...SettingsFields,
    fal_priority: Type.Optional(
      Enum(falPriorities, {
        description: 'Orders our own dispatch; fal always gets normal. The avatar’s when left out.',
      }),
    ),
    dry_run: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Checks everything and answers what would be sent and what it would cost; starts nothing.',
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
  size: Type.Integer({ description: 'Bytes.' }),
  sha256: Sha256,
  content_type: Type.String(),
});
const Artifacts = Closed(
  { lora: Artifact, config: Artifact },
  {
    description:
      'Files that were fetched, verified and stored; GET …/artifacts/lora and …/artifacts/config serve them.',
  },
);

export const TrainingError = Closed({
  code: Type.String({ description: `One of ${Object.keys(failureCodes).join(', ')}.`, examples: ['invalid-photo'] }),
  message: Type.String({ description: 'Made for people.' }),
  detail: Type.Unknown({ description: 'What fal said, as it said it.' }),
  retryable: Type.Boolean({
    description: 'Whether the same training may well succeed when it is started again unchanged.',
  }),
  charged: Enum(chargedAnswers, { description: 'Whether fal bills it.' }),
  provider_request_id: Nullable(Type.String()),
});

const SettingValue = Type.Unsafe<string | number | boolean | null>({ type: ['string', 'number', 'boolean', 'null'] });

export const TrainingSchema = Closed({
  id: Uuid,
  avatar_id: Nullable(Uuid),
  user_id: Nullable(Uuid),
  attempt: Type.Integer({ description: 'Counts the trainings of one avatar.' }),
  retry_of: Nullable(Uuid),
  training_type: Enum(trainingTypes),
  trainer: Type.String({ examples: ['portrait'] }),
  endpoint: Type.String({ examples: ['fal-ai/flux-lora-portrait-trainer'] }),
  status: Enum(trainingStatuses),
  sandbox: Type.Boolean({ description: 'True for what the sandbox made: nothing was paid, and the LoRA is none.' }),
  fal_priority: Enum(falPriorities),
  settings: Type.Unsafe<Record<string, string | number | boolean | null>>(Type.Record(Type.String(), SettingValue)),
  photos: Type.Array(Closed({ id: Uuid, sha256: Nullable(Sha256) }), {
    description: 'The photos it is made from, in their order.',
  }),
  estimated_cost_usd: Type.Number(),
  charged: Nullable(Enum(chargedAnswers)),
  fal_request_id: Nullable(Type.String()),
  gateway_request_id: Nullable(Type.String()),
  webhook_url: Nullable(Type.String({ description: 'Without the token that fal was given with it.' })),
  submissions: Type.Integer({
    description: 'How many times it was sent to fal; each time fal had refused the one before.',
  }),
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent; 100 only with a verified artifact.' }),
  step: Nullable(Type.Integer()),
  total_steps: Nullable(Type.Integer()),
  loss: Nullable(Type.Number()),
  eta_seconds: Nullable(Type.Integer()),
  error: Nullable(TrainingError),
  result_source: Nullable(
    Enum(resultSources, { description: 'How the end was learned: from the signed webhook of fal, or by asking.' }),
  ),
  artifacts: Nullable(Artifacts),
  late_artifacts: Nullable(Artifacts),
  blocked_reason: Nullable(Type.String({ description: 'Why fal lets it not in now; it waits.' })),
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

export const TrainingPlanSchema = Closed({
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
  status: Type.Optional(Enum(trainingStatuses)),
  avatar_id: Type.Optional(Uuid),
  user_id: Type.Optional(Uuid),
  needs_attention: Type.Optional(Type.Boolean({ description: 'Only those whose submission a person has to settle.' })),
});
export const AvatarTrainingListQuery = Closed(CountedListQuery);

export const LogsQuery = Closed({
  after: Type.Integer({ minimum: 0, default: 0, description: '`next_after` of the page before; 0 for the beginning.' }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
});
export const LogsSchema = Closed({
  data: Type.Array(
    Closed({
      index: Type.Integer(),
      message: Type.String(),
      timestamp: Nullable(Type.String()),
      level: Nullable(Type.String()),
    }),
  ),
  next_after: Type.Integer({ description: 'Ask with it as `after` for what comes next, now or later.' }),
  is_complete: Type.Boolean({ description: 'No line will be added any more.' }),
});

export const artifactKinds = ['lora', 'config'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];
export const ArtifactParams = Closed({ id: Uuid, kind: Enum(artifactKinds) });
export const ArtifactLinkRequest = Closed(
  {
    expires_in: Type.Integer({ minimum: 60, maximum: 604_800, default: 3600, description: 'Seconds the link lives.' }),
  },
  { examples: [{ expires_in: 3600 }] },
);
export const ArtifactLink = Closed({ url: Type.String(), expires_at: Timestamp });
export const SignedQuery = Closed({
  expires: Type.Integer(),
  key: Uuid,
  signature: Type.String({ maxLength: 100 }),
});
