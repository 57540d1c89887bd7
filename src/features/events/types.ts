import { type Static, type TSchema, Type } from 'typebox';
import {
  avatarStatuses,
  chargedAnswers,
  disabledReasons,
  imageStatuses,
  jobStatuses,
  trainingTypes,
} from '../../platform/db/schema.ts';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';

/* What can happen, and what an event carries beside its subject. A published type keeps its meaning. */

const changed = Type.Array(Type.String(), { description: 'Names of the members whose value changed.' });

const failure = Closed({
  code: Type.String({ description: 'Stable code, for programs.' }),
  message: Type.String({ description: 'Explanation, for people.' }),
  detail: Type.Unknown({ description: 'The answer of fal, if there was one.' }),
  retryable: Type.Boolean({ description: 'Whether the training may succeed when it is retried unchanged.' }),
  provider_request_id: Nullable(Type.String()),
});

const training = {
  status: Enum(jobStatuses),
  attempt: Type.Integer({ description: 'Number of the attempt: 1 for the first training of the avatar.' }),
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent.' }),
  sandbox: Type.Boolean({ description: 'True when the sandbox stands in for fal and nothing is paid.' }),
  fal_request_id: Type.Optional(
    Type.String({ description: 'The id of the request at fal; missing until fal has accepted the training.' }),
  ),
};
const running = {
  ...training,
  step: Nullable(Type.Integer()),
  total_steps: Nullable(Type.Integer()),
  eta_seconds: Nullable(Type.Integer()),
};
const waiting = { ...training, reason: Type.String({ description: 'Code of the reason why the training waits.' }) };
const ended = { ...training, charged: Enum(chargedAnswers, { description: 'Whether fal charges for the training.' }) };

const generation = {
  status: training.status,
  num_images: Type.Integer({ description: 'Number of images that were asked for.' }),
  sandbox: training.sandbox,
  fal_request_id: Type.Optional(
    Type.String({ description: 'The id of the request at fal; missing until fal has accepted the generation.' }),
  ),
};
const reason = Type.String({ description: 'Code of the reason why the generation waits.' });
const made = {
  ...generation,
  charged: Enum(chargedAnswers, { description: 'Whether fal charges for the generation.' }),
};
const images = Type.Array(Closed({ id: Uuid, index: Type.Integer(), status: Enum(imageStatuses) }));
// Without fal's own words, which may repeat the prompt.
const generationFailure = Closed({
  code: Type.String({ description: 'Stable code, for programs.' }),
  message: Type.String({ description: 'Explanation, for people.' }),
  retryable: Type.Boolean({ description: 'Whether the generation may succeed when it is repeated.' }),
  provider_request_id: Nullable(Type.String()),
});

export const eventData = {
  'user.created': Closed({}, { description: 'A user was created.' }),
  'user.updated': Closed({ changed }, { description: 'A user was updated, or another main avatar was set.' }),
  'user.deleted': Closed({}, { description: 'A user was deleted, with all avatars and photos.' }),
  'avatar.created': Closed(
    { status: Enum(avatarStatuses), training_type: Nullable(Enum(trainingTypes)) },
    { description: 'An avatar was created.' },
  ),
  'avatar.updated': Closed(
    { changed },
    { description: 'An avatar was updated by a client, or its weights were fetched (`likeness loras fetch`).' },
  ),
  'avatar.deleted': Closed({}, { description: 'An avatar was deleted, with photos and trained weights.' }),
  'photo.added': Closed(
    { width: Nullable(Type.Integer()), height: Nullable(Type.Integer()), format: Type.String() },
    { description: 'A photo passed the checks and was added.' },
  ),
  'photo.rejected': Closed(
    {
      filename: Nullable(Type.String({ description: 'Always null: file names can name the person.' })),
      code: Type.String({ description: 'Code of the first rejected file, for programs.' }),
      detail: Type.String({ description: 'Explanation for the first rejected file, for people.' }),
      counts: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), {
          description:
            'Number of rejected files by code; missing in events of earlier versions, which are about one file each.',
        }),
      ),
    },
    { description: 'Some files of a request were rejected while others were added.' },
  ),
  'photo.deleted': Closed({}, { description: 'A photo was deleted.' }),
  'training.queued': Closed(
    { ...training, retry_of: Type.Optional(Uuid) },
    { description: 'A training was started, or was not accepted by fal, and waits in the queue.' },
  ),
  'training.preparing': Closed(training, { description: 'The archive of photos is being built.' }),
  'training.submitting': Closed(training, {
    description: 'The archive is uploaded to fal; the one request that costs money follows.',
  }),
  'training.submitted': Closed(training, { description: 'fal has accepted the training.' }),
  'training.blocked': Closed(waiting, { description: 'fal accepts no training now; the training waits, unpaid.' }),
  'training.submit_unknown': Closed(waiting, {
    description: 'It is unknown whether fal accepted the training; Likeness is finding out.',
  }),
  'training.needs_attention': Closed(training, {
    description: 'It could not be found out whether fal accepted the training; an operator has to resolve it.',
  }),
  'training.started': Closed(running, { description: 'fal has begun to train.' }),
  'training.progress': Closed(running, {
    description: 'The progress of the training rose by five percent or more.',
  }),
  'training.cancel_requested': Closed(training, {
    description: 'Cancellation of the training was requested; the answer of fal decides.',
  }),
  'training.verifying': Closed(training, {
    description: 'fal has finished; the trained weights are being fetched and verified.',
  }),
  'training.succeeded': Closed(ended, { description: 'The training succeeded: its weights are verified and stored.' }),
  'training.failed': Closed({ ...ended, error: failure }, { description: 'The training failed; `error` says why.' }),
  'training.cancelled': Closed(ended, { description: 'The training was cancelled.' }),
  'training.late_result_reported': Closed(ended, {
    description: 'fal succeeded after the training had ended; the late weights are being fetched.',
  }),
  'training.late_result': Closed(ended, { description: 'The late weights are verified and stored.' }),
  'training.late_result_accepted': Closed(ended, {
    description: 'The late weights were accepted: the training has succeeded.',
  }),
  'generation.queued': Closed(
    { ...generation, repeat_of: Type.Optional(Uuid) },
    { description: 'A generation was started, or was not accepted by fal, and waits in the queue.' },
  ),
  'generation.submitted': Closed(generation, { description: 'fal has accepted the generation.' }),
  'generation.blocked': Closed(
    { ...generation, reason },
    { description: 'fal accepts no generation now; the generation waits, unpaid.' },
  ),
  'generation.submit_unknown': Closed(
    { ...generation, reason },
    { description: 'It is unknown whether fal accepted the generation; Likeness is finding out.' },
  ),
  'generation.needs_attention': Closed(generation, {
    description: 'It could not be found out whether fal accepted the generation; an operator has to resolve it.',
  }),
  'generation.cancel_requested': Closed(generation, {
    description: 'Cancellation of the generation was requested; the answer of fal decides.',
  }),
  'generation.succeeded': Closed(
    { ...made, images },
    { description: 'The generation succeeded: one image at least is verified and stored.' },
  ),
  'generation.failed': Closed(
    { ...made, error: generationFailure },
    { description: 'The generation failed; `error` says why.' },
  ),
  'generation.cancelled': Closed(made, { description: 'The generation was cancelled.' }),
  'generation.late_result_reported': Closed(made, {
    description: 'fal succeeded after the generation had ended; the late images are being fetched.',
  }),
  'generation.late_result': Closed(made, { description: 'The late images are verified and stored.' }),
  'generation.late_result_accepted': Closed(
    { ...made, images },
    { description: 'The late images were accepted: the generation has succeeded.' },
  ),
  'image.deleted': Closed({}, { description: 'An image was deleted.' }),
  'batch.ended': Closed(
    {
      pack: Nullable(Type.String()),
      generations: Closed({ succeeded: Type.Integer(), failed: Type.Integer(), cancelled: Type.Integer() }),
      images: Closed({ ok: Type.Integer(), flagged: Type.Integer(), lost: Type.Integer() }),
      estimated_cost_usd: Type.Number({ description: 'USD, of all generations.' }),
      charged_cost_usd: Type.Number({ description: 'USD, estimated, of the generations that fal charges for.' }),
      uncertain_cost_usd: Type.Number({ description: 'USD, estimated, of those of which it is unknown.' }),
      sandbox: Type.Boolean({ description: 'True when the sandbox stands in for fal and nothing is paid.' }),
    },
    { description: 'The last generation of a batch has ended; published once for each batch.' },
  ),
  'provider.blocked': Closed(
    { reason: Type.String() },
    { description: 'fal accepts no training; all trainings wait in the queue.' },
  ),
  'provider.recovered': Closed({ reason: Type.String() }, { description: 'fal accepts trainings again.' }),
  'endpoint.ping': Closed(
    { endpoint_id: Uuid },
    { description: 'A test event, delivered to one webhook endpoint alone.' },
  ),
  'endpoint.disabled': Closed(
    { endpoint_id: Uuid, reason: Enum(disabledReasons), failing_since: Nullable(Timestamp) },
    { description: 'A webhook endpoint was disabled because it answered 410 or failed for too long.' },
  ),
} as const;

export function meaningOf(type: EventType): string {
  const schema: TSchema = eventData[type];
  return 'description' in schema ? String(schema.description) : '';
}

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = Static<(typeof eventData)[T]>;
export type TrainingEventType = Extract<EventType, `training.${string}`>;
export type GenerationEventType = Extract<EventType, `generation.${string}`>;

// Object.keys loses the literal types of the keys.
export const eventTypes = Object.keys(eventData) as EventType[];
