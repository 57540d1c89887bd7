import { v7 as uuidv7 } from 'uuid';
import { events } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { traceparent } from '../../platform/trace/trace.ts';
import { topics } from '../../topics.ts';
import type { EventData, EventType, GenerationEventType, TrainingEventType } from './types.ts';

export type { EventType, GenerationEventType, TrainingEventType };

type Subject = {
  user_id?: string | null;
  avatar_id?: string | null;
  training_id?: string | null;
  generation_id?: string | null;
  image_id?: string | null;
  batch_id?: string | null;
  photo_id?: string | null;
  request_id?: string | null;
};

export type NewEvent = {
  [T in EventType]: Subject & { type: T } & ([keyof EventData<T>] extends [never]
      ? { data?: Record<string, never> }
      : { data: EventData<T> });
}[EventType];

type EventRow = typeof events.$inferInsert;

function eventRow(event: NewEvent): EventRow {
  return {
    id: uuidv7(),
    sequence: null,
    type: event.type,
    created_at: new Date(),
    user_id: event.user_id ?? null,
    avatar_id: event.avatar_id ?? null,
    training_id: event.training_id ?? null,
    generation_id: event.generation_id ?? null,
    image_id: event.image_id ?? null,
    batch_id: event.batch_id ?? null,
    photo_id: event.photo_id ?? null,
    data: { ...event.data },
    request_id: event.request_id ?? null,
    traceparent: traceparent(),
  };
}

/** Appends events in the caller's unit of work. They get their sequence number after the commit. @returns their ids */
export async function publish(tx: Tx, ...list: NewEvent[]): Promise<string[]> {
  const rows = list.map(eventRow);
  await tx.insert(events).values(rows);
  tx.wake(topics.eventsPublished);
  return rows.map(({ id }) => id);
}
