import { type Static, Type } from 'typebox';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../http/schemas.ts';
import { eventTypes } from './publish.ts';
import type { Event } from './store.ts';

export const EventSchema = Closed({
  id: Uuid,
  sequence: Type.Integer({ description: 'Rises with every event; what `after` takes.' }),
  type: Enum(eventTypes),
  created_at: Timestamp,
  user_id: Nullable(Uuid),
  avatar_id: Nullable(Uuid),
  training_id: Nullable(Uuid),
  photo_id: Nullable(Uuid),
  data: Type.Unsafe<Record<string, unknown>>(Type.Record(Type.String(), Type.Unknown())),
  request_id: Nullable(Type.String({ description: 'The request that caused it.' })),
});
export type EventView = Static<typeof EventSchema>;

export const EventQuery = Closed({
  after: Type.Integer({
    minimum: 0,
    default: 0,
    description: '`next_after` of the page before; 0 for the oldest that are kept.',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  type: Type.Optional(Type.Array(Enum(eventTypes), { description: 'Only these; may stand several times.' })),
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
  training_id: Type.Optional(Uuid),
});

export const EventPage = Closed({
  data: Type.Array(EventSchema),
  next_after: Type.Integer({ description: 'Ask with it as `after` for what comes next, now or later.' }),
});

/** @returns an event as the API shows it */
export function eventView(event: Event): EventView {
  const { id, sequence, created_at, user_id, avatar_id, training_id, photo_id, data, request_id } = event;
  const type = event.type as EventView['type'];
  return {
    id,
    sequence,
    type,
    created_at: created_at.toISOString(),
    user_id,
    avatar_id,
    training_id,
    photo_id,
    data,
    request_id,
  };
}
