import { type Static, type TSchema, Type } from 'typebox';
import { avatarStatuses, chargedAnswers, disabledReasons, trainingStatuses, trainingTypes } from '../db/schema.ts';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../http/schemas.ts';

/* What can happen, and what an event says about it beside its subject. A type, once published, keeps its meaning. */

const changed = Type.Array(Type.String(), { description: 'The members that have another value now.' });

const failure = Closed({
  code: Type.String({ description: 'Made for programs.' }),
  message: Type.String({ description: 'Made for people.' }),
  detail: Type.Unknown({ description: 'What fal said, where it said anything.' }),
  retryable: Type.Boolean({ description: 'Whether the same training may succeed when it is started again.' }),
  provider_request_id: Nullable(Type.String()),
});

const training = {
  status: Enum(trainingStatuses),
  attempt: Type.Integer({ description: 'Counts the trainings of the avatar.' }),
  sandbox: Type.Boolean({ description: 'True when no real trainer is behind it.' }),
};

const movedTraining = {
  ...training,
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent.' }),
  fal_request_id: Type.Optional(Type.String({ description: 'Once fal has taken the training.' })),
  step: Type.Optional(Nullable(Type.Integer({ description: 'While it runs, as are the next two.' }))),
  total_steps: Type.Optional(Nullable(Type.Integer())),
  eta_seconds: Type.Optional(Nullable(Type.Integer())),
  reason: Type.Optional(Type.String({ description: 'Why it waits, or why its submission is unknown.' })),
  error: Type.Optional(failure),
  charged: Type.Optional(Enum(chargedAnswers, { description: 'Once it has ended: whether fal bills it.' })),
};

function about(description: string) {
  return Closed(movedTraining, { description });
}

/** Each type of event with the schema of its `data`. */
export const eventData = {
  'user.created': Closed({}, { description: 'A user was made.' }),
  'user.updated': Closed({ changed }, { description: 'A user was changed; the main avatar counts.' }),
  'user.deleted': Closed({}, { description: 'A user was deleted, with avatars and photos.' }),
  'avatar.created': Closed(
    { status: Enum(avatarStatuses), training_type: Nullable(Enum(trainingTypes)) },
    { description: 'An avatar was made.' },
  ),
  'avatar.updated': Closed({ changed }, { description: 'An avatar was changed by a client.' }),
  'avatar.deleted': Closed({}, { description: 'An avatar was deleted, with photos and trained weights.' }),
  'photo.added': Closed(
    { width: Nullable(Type.Integer()), height: Nullable(Type.Integer()), format: Type.String() },
    { description: 'A photo passed the checks and was added.' },
  ),
  'photo.rejected': Closed(
    {
      filename: Nullable(Type.String()),
      code: Type.String({ description: 'Made for programs.' }),
      detail: Type.String({ description: 'Made for people.' }),
    },
    { description: 'A file was refused as a photo.' },
  ),
  'photo.deleted': Closed({}, { description: 'A photo was deleted.' }),
  'training.queued': Closed(
    { ...training, retry_of: Type.Optional(Uuid) },
    { description: 'A training was asked for and waits for its turn.' },
  ),
  'training.preparing': about('The archive of photos is built.'),
  'training.submitting': about('The archive is at fal, and the one request that may cost money is made next.'),
  'training.submitted': about('fal has taken the training.'),
  'training.blocked': about('fal lets no training in now; it waits, unpaid. `reason` says why.'),
  'training.submit_unknown': about('Whether fal took the training is being found out.'),
  'training.needs_attention': about('It could not be found out; an operator is asked.'),
  'training.started': about('fal has begun.'),
  'training.progress': about('It went on by five percent or more; smaller steps are left out.'),
  'training.cancel_requested': about('Somebody asked to stop it; fal’s answer decides.'),
  'training.verifying': about('fal has finished; the weights are fetched and checked.'),
  'training.succeeded': about('The weights are verified and stored.'),
  'training.failed': about('It failed; `error` says why and `charged` whether it cost money.'),
  'training.cancelled': about('It was stopped; `charged` says whether it cost money.'),
  'training.late_result_reported': about('fal succeeded after the training had ended; the weights are fetched.'),
  'training.late_result': about('The late weights are verified and stored.'),
  'training.late_result_accepted': about('The late weights were taken up: the training has succeeded.'),
  'provider.blocked': Closed({ reason: Type.String() }, { description: 'fal lets no training in; all wait.' }),
  'provider.recovered': Closed({ reason: Type.String() }, { description: 'fal lets trainings in again.' }),
  'endpoint.ping': Closed(
    { endpoint_id: Uuid },
    { description: 'Somebody tries a webhook endpoint. It is delivered to that endpoint alone.' },
  ),
  'endpoint.disabled': Closed(
    { endpoint_id: Uuid, reason: Enum(disabledReasons), failing_since: Nullable(Timestamp) },
    { description: 'A webhook endpoint answered 410, or failed for too long, and gets nothing more.' },
  ),
} as const;

/** What a type of event means, in words. */
export function meaningOf(type: EventType): string {
  const schema: TSchema = eventData[type];
  return 'description' in schema ? String(schema.description) : '';
}

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = Static<(typeof eventData)[T]>;
export type TrainingEventType = Extract<EventType, `training.${string}`>;

// Object.keys forgets what the keys of a closed object are.
export const eventTypes = Object.keys(eventData) as EventType[];
