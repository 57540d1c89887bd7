import { and, asc, eq, gt, inArray, lte, max } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { events } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';
import type { EventType } from './types.ts';

export type Event = typeof events.$inferSelect & { sequence: number };
export type EventFilter = {
  types?: readonly EventType[] | undefined;
  user_id?: string | undefined;
  avatar_id?: string | undefined;
  training_id?: string | undefined;
  generation_id?: string | undefined;
  batch_id?: string | undefined;
};

/** Numbered events after `after`, up to and including `upTo` (default: the newest). */
export type Range = { after: number; upTo?: number; limit: number };

/** Numbered events that the caller may read, oldest first. */
export async function findEvents(
  db: Db,
  { after, upTo, limit }: Range,
  filter: EventFilter = {},
  { userId }: Reach = {},
): Promise<Event[]> {
  const rows = await db
    .select()
    .from(events)
    .where(
      and(
        gt(events.sequence, after),
        upTo === undefined ? undefined : lte(events.sequence, upTo),
        userId === undefined ? undefined : eq(events.user_id, userId),
        filter.types && inArray(events.type, [...filter.types]),
        filter.user_id === undefined ? undefined : eq(events.user_id, filter.user_id),
        filter.avatar_id === undefined ? undefined : eq(events.avatar_id, filter.avatar_id),
        filter.training_id === undefined ? undefined : eq(events.training_id, filter.training_id),
        filter.generation_id === undefined ? undefined : eq(events.generation_id, filter.generation_id),
        filter.batch_id === undefined ? undefined : eq(events.batch_id, filter.batch_id),
      ),
    )
    .orderBy(asc(events.sequence))
    .limit(limit);
  return rows.filter((row): row is Event => row.sequence !== null);
}

/** The filter of {@link findEvents} for one event in memory, read once for many readers. */
export function isWanted(event: Event, { types, ...filter }: EventFilter, { userId }: Reach): boolean {
  return (
    (userId === undefined || event.user_id === userId) &&
    (types === undefined || types.some((type) => type === event.type)) &&
    (filter.user_id === undefined || event.user_id === filter.user_id) &&
    (filter.avatar_id === undefined || event.avatar_id === filter.avatar_id) &&
    (filter.training_id === undefined || event.training_id === filter.training_id) &&
    (filter.generation_id === undefined || event.generation_id === filter.generation_id) &&
    (filter.batch_id === undefined || event.batch_id === filter.batch_id)
  );
}

/** 0 when no event is kept. */
export async function findLastSequence(db: Db): Promise<number> {
  const [row] = await db.select({ last: max(events.sequence) }).from(events);
  return row?.last ?? 0;
}
