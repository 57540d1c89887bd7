import { type Static, type TSchema, Type } from 'typebox';
import {
  avatarStatuses,
  chargedAnswers,
  disabledReasons,
  trainingStatuses,
  trainingTypes,
} from '../../platform/db/schema.ts';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';

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
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent.' }),
  sandbox: Type.Boolean({ description: 'True when no real trainer is behind it.' }),
  fal_request_id: Type.Optional(Type.String({ description: 'Once fal has taken the training.' })),
};
const running = {
  ...training,
  step: Nullable(Type.Integer()),
  total_steps: Nullable(Type.Integer()),
  eta_seconds: Nullable(Type.Integer()),
};
const waiting = { ...training, reason: Type.String({ description: 'Why.' }) };
const ended = { ...training, charged: Enum(chargedAnswers, { description: 'Whether fal bills it.' }) };

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
      filename: Nullable(Type.String({ description: 'Always null, since names of files say who is on them.' })),
      code: Type.String({ description: 'Of the first that was refused; made for programs.' }),
      detail: Type.String({ description: 'Of the first that was refused; made for people.' }),
      counts: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), {
          description: 'How many were refused, by code; events of earlier versions are of one file each and lack it.',
        }),
      ),
    },
    { description: 'Files were refused as photos while others of the same request were added.' },
  ),
  'photo.deleted': Closed({}, { description: 'A photo was deleted.' }),
  'training.queued': Closed(
    { ...training, retry_of: Type.Optional(Uuid) },
    { description: 'A training was asked for, or was not taken by fal, and waits for its turn.' },
  ),
  'training.preparing': Closed(training, { description: 'The archive of photos is built.' }),
  'training.submitting': Closed(training, {
    description: 'The archive is at fal, and the one request that may cost money is made next.',
  }),
  'training.submitted': Closed(training, { description: 'fal has taken the training.' }),
  'training.blocked': Closed(waiting, { description: 'fal lets no training in now; it waits, unpaid.' }),
  'training.submit_unknown': Closed(waiting, { description: 'Whether fal took the training is being found out.' }),
  'training.needs_attention': Closed(training, { description: 'It could not be found out; an operator is asked.' }),
  'training.started': Closed(running, { description: 'fal has begun.' }),
  'training.progress': Closed(running, {
    description: 'It went on by five percent or more; smaller steps are left out.',
  }),
  'training.cancel_requested': Closed(training, { description: 'Somebody asked to stop it; fal’s answer decides.' }),
  'training.verifying': Closed(training, { description: 'fal has finished; the weights are fetched and checked.' }),
  'training.succeeded': Closed(ended, { description: 'The weights are verified and stored.' }),
  'training.failed': Closed({ ...ended, error: failure }, { description: 'It failed; `error` says why.' }),
  'training.cancelled': Closed(ended, { description: 'It was stopped.' }),
  'training.late_result_reported': Closed(ended, {
    description: 'fal succeeded after the training had ended; the weights are fetched.',
  }),
  'training.late_result': Closed(ended, { description: 'The late weights are verified and stored.' }),
  'training.late_result_accepted': Closed(ended, {
    description: 'The late weights were taken up: the training has succeeded.',
  }),
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
