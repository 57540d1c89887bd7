import { Type } from 'typebox';
import { Closed, Enum, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { SequenceText } from '../../platform/http/text.ts';
import { iso } from '../../platform/http/iso.ts';
import type { Event } from './store.ts';
import { eventData, type EventType, eventTypes, meaningOf } from './types.ts';

const frame = {
  created_at: Timestamp,
  user_id: Nullable(Uuid),
  avatar_id: Nullable(Uuid),
  training_id: Nullable(Uuid),
  generation_id: Nullable(Uuid),
  image_id: Nullable(Uuid),
  batch_id: Nullable(Uuid),
  photo_id: Nullable(Uuid),
  request_id: Nullable(Type.String({ description: 'The X-Request-Id of the request that caused the event.' })),
};

export type EventView = {
  id: string;
  sequence: number;
  type: EventType;
  created_at: string;
  user_id: string | null;
  avatar_id: string | null;
  training_id: string | null;
  generation_id: string | null;
  image_id: string | null;
  batch_id: string | null;
  photo_id: string | null;
  data: Record<string, unknown>;
  request_id: string | null;
};

/**
 * An event as pages, streams and webhooks carry it: one form for each type. Registered under its $id for references.
 */
export const EventSchema = {
  $id: 'Event',
  description: 'An event. `type` decides the members of `data`; later versions may add members.',
  oneOf: eventTypes.map((type) =>
    Closed(
      {
        id: Uuid,
        sequence: Type.Integer({
          description: 'Position of the event in the log, rising; pass it as `after` to list later events.',
        }),
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
      description: 'Only events of this type; repeat the parameter for several.',
    }),
  ),
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
  training_id: Type.Optional(Uuid),
  generation_id: Type.Optional(Uuid),
  batch_id: Type.Optional(Uuid),
};

// PostgreSQL would refuse a larger number with an error of its own.
const maximum = Number.MAX_SAFE_INTEGER;

export const EventQuery = Closed({
  after: Type.Integer({
    minimum: 0,
    maximum,
    default: 0,
    description: '`next_after` of the previous page; 0 for the oldest event that is kept.',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  ...filters,
});

export const EventPage = Closed({
  data: Type.Array(Type.Unsafe<EventView>(EventRef)),
  next_after: Type.Integer({ description: 'Pass it as `after` to get what follows, now or later.' }),
});

export const StreamQuery = Closed({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum,
      description:
        'Sequence after which the stream begins; 0 for the oldest event that is kept. Default: only new events.',
    }),
  ),
  ...filters,
});

export const StreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    SequenceText({
      description:
        'The `id` received last, which EventSource sends when it reconnects; takes precedence over `after`. Empty means none.',
    }),
  ),
});

export function eventView(event: Event): EventView {
  const { id, sequence, created_at, user_id, avatar_id, training_id, photo_id, data, request_id } = event;
  const { generation_id, image_id, batch_id } = event;
  return {
    id,
    sequence,
    type: event.type as EventType,
    created_at: iso(created_at),
    user_id,
    avatar_id,
    training_id,
    generation_id,
    image_id,
    batch_id,
    photo_id,
    data,
    request_id,
  };
}
