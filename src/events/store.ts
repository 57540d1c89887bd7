import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { events } from '../db/schema.ts';
import type { Reach } from '../http/caller.ts';
import type { EventType } from './publish.ts';

export type Event = typeof events.$inferSelect & { sequence: number };
export type EventFilter = {
  types?: EventType[] | undefined;
  user_id?: string | undefined;
  avatar_id?: string | undefined;
  training_id?: string | undefined;
};

/** @returns numbered events after a number, oldest first */
export async function findEventsAfter(
  db: Db,
  after: number,
  filter: EventFilter,
  limit: number,
  { userId }: Reach = {},
): Promise<Event[]> {
  const rows = await db
    .select()
    .from(events)
    .where(
      and(
        gt(events.sequence, after),
        userId ? eq(events.user_id, userId) : undefined,
        filter.types && inArray(events.type, filter.types),
        filter.user_id ? eq(events.user_id, filter.user_id) : undefined,
        filter.avatar_id ? eq(events.avatar_id, filter.avatar_id) : undefined,
        filter.training_id ? eq(events.training_id, filter.training_id) : undefined,
      ),
    )
    .orderBy(asc(events.sequence))
    .limit(limit);
  return rows.filter((row): row is Event => row.sequence !== null);
}
