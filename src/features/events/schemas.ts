import { Type } from 'typebox';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { SequenceText } from '../../platform/http/text.ts';
import type { Event } from './store.ts';
import { eventData, type EventType, eventTypes, meaningOf } from './types.ts';

const frame = {
  created_at: Timestamp,
  user_id: Nullable(Uuid),
  avatar_id: Nullable(Uuid),
  training_id: Nullable(Uuid),
  photo_id: Nullable(Uuid),
  request_id: Nullable(Type.String({ description: 'The request that caused it.' })),
};

export type EventView = {
  id: string;
  sequence: number;
  type: EventType;
  created_at: string;
  user_id: string | null;
  avatar_id: string | null;
  training_id: string | null;
  photo_id: string | null;
  data: Record<string, unknown>;
  request_id: string | null;
};

/** An event as clients get it, by whatever way: one form for each type. Added to the app, so that others refer to it. */
export const EventSchema = {
  $id: 'Event',
  description: 'Something that happened. Which members `data` has is said by `type`; later versions may add some.',
  oneOf: eventTypes.map((type) =>
    Closed(
      {
        id: Uuid,
        sequence: Type.Integer({ description: 'Rises with every event; what `after` takes.' }),
        type: Type.Literal(type),
        ...frame,
        data: eventData[type],
      },
      { title: type, description: meaningOf(type) },
    ),
  ),
};

export const EventRef = { $ref: 'Event#' };

const filters = {
  type: Type.Optional(
    Type.Array(Enum(eventTypes), {
      maxItems: eventTypes.length,
      description: 'Only these; may stand several times.',
    }),
  ),
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
  training_id: Type.Optional(Uuid),
};

// A larger number is no sequence, and PostgreSQL would refuse it in its own words.
const maximum = Number.MAX_SAFE_INTEGER;

export const EventQuery = Closed({
  after: Type.Integer({
    minimum: 0,
    maximum,
    default: 0,
    description: '`next_after` of the page before; 0 for the oldest that are kept.',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  ...filters,
});

export const EventPage = Closed({
  data: Type.Array(Type.Unsafe<EventView>(EventRef)),
  next_after: Type.Integer({ description: 'Ask with it as `after` for what comes next, now or later.' }),
});

export const StreamQuery = Closed({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum,
      description:
        'Begins after this event; 0 for the oldest that are kept. Without it, with what happens from now on.',
    }),
  ),
  ...filters,
});

export const StreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    SequenceText({
      description:
        'The `id` that arrived last, as EventSource sends it to go on from there; it goes before `after`. Empty is none.',
    }),
  ),
});

/** @returns an event as the API shows it */
export function eventView(event: Event): EventView {
  const { id, sequence, created_at, user_id, avatar_id, training_id, photo_id, data, request_id } = event;
  return {
    id,
    sequence,
    // Only types of the list are ever published.
    type: event.type as EventType,
    created_at: created_at.toISOString(),
    user_id,
    avatar_id,
    training_id,
    photo_id,
    data,
    request_id,
  };
}
