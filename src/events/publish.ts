import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../db/client.ts';
import { events } from '../db/schema.ts';

/** The closed list of what can happen. A type, once published, keeps its meaning. */
export const eventTypes = [
  'user.created',
  'user.updated',
  'user.deleted',
  'avatar.created',
  'avatar.updated',
  'avatar.deleted',
  'photo.added',
  'photo.rejected',
  'photo.deleted',
  'training.queued',
  'training.preparing',
  'training.submitting',
  'training.submitted',
  'training.blocked',
  'training.submit_unknown',
  'training.needs_attention',
  'training.started',
  'training.progress',
  'training.cancel_requested',
  'training.verifying',
  'training.succeeded',
  'training.failed',
  'training.cancelled',
  'training.late_result_reported',
  'training.late_result',
  'training.late_result_accepted',
  'provider.blocked',
  'provider.recovered',
] as const;
export type EventType = (typeof eventTypes)[number];

export type NewEvent = {
  type: EventType;
  user_id?: string | null;
  avatar_id?: string | null;
  training_id?: string | null;
  photo_id?: string | null;
  data?: Record<string, unknown>;
  request_id?: string | null;
};

/** The topic that is woken after a commit that published events. */
export const eventsTopic = 'events.published';
/** The topic that is woken when events were numbered, which is when readers can see them. */
export const sequencedTopic = 'events.sequenced';

/**
 * Appends events in the caller's transaction. They are numbered after the commit, in an order that no reader can see
 * change; wake {@link eventsTopic} then.
 */
export async function publish(db: Db, ...list: NewEvent[]): Promise<void> {
  await db.insert(events).values(
    list.map((event) => ({
      id: uuidv7(),
      sequence: null,
      type: event.type,
      created_at: new Date(),
      user_id: event.user_id ?? null,
      avatar_id: event.avatar_id ?? null,
      training_id: event.training_id ?? null,
      photo_id: event.photo_id ?? null,
      data: event.data ?? {},
      request_id: event.request_id ?? null,
    })),
  );
}
