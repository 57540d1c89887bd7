import { sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { events, eventsSequence } from '../../platform/db/schema.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { eventsTopic, sequencedTopic } from './publish.ts';

const batch = 1000;

/**
 * Numbers committed events, one worker at a time. Readers go by this number: an event whose transaction committed late
 * gets a late number, so no reader that has gone further ever misses it.
 */
export const sequenceEventsJob = defineRecurringJob({
  name: 'events.sequence',
  topic: eventsTopic,
  everyMs: (config) => config.training.checkIntervalMs,
  async run({ db, wakeups }) {
    const count = await sequenceEvents(db, batch);
    if (count > 0) wakeups.wake(sequencedTopic);
    return count === batch;
  },
});

/** @returns how many events were numbered; 0 as well when another worker is at it */
export async function sequenceEvents(db: Db, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const lock = await tx.execute<{ locked: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended('likeness:events', 0)) as locked`,
    );
    if (!lock.rows[0]?.locked) return 0;
    // The ids are made in order of time; materialised, the numbers are taken in the order of the ids.
    const numbered = await tx.execute(sql`
      with batch as materialized (
        select id from ${events} where sequence is null order by id limit ${limit}
      ), numbers as materialized (
        select id, nextval(${eventsSequence.seqName}) as sequence from batch
      )
      update ${events} set sequence = numbers.sequence from numbers where events.id = numbers.id
    `);
    return numbered.rowCount ?? 0;
  });
}
