import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import { events, eventsSequence } from '../../platform/db/schema.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { eventsTopic, sequencedTopic } from './publish.ts';

const batch = 1000;
// Until this process ends, so that each is tried and told once.
const refused = new Set<string>();

/**
 * Numbers committed events, one worker at a time. Readers go by this number: an event whose transaction committed late
 * gets a late number, so no reader that has gone further ever misses it.
 */
export const sequenceEventsJob = defineRecurringJob({
  name: 'events.sequence',
  topic: eventsTopic,
  everyMs: (config) => config.training.checkIntervalMs,
  async run({ db, log, wakeups }) {
    const before = refused.size;
    const count = await sequenceEvents(db, batch, refused);
    if (refused.size > before)
      log.error({ events: [...refused].slice(before) }, 'the database refuses to number events');
    if (count > 0) wakeups.wake(sequencedTopic);
    return count === batch;
  },
});

/**
 * @param refused ids of events whose change the database refuses, which are left out; what it refuses is added
 * @returns how many events were numbered; 0 as well when another worker is at it
 */
export async function sequenceEvents(db: Db, limit: number, refused = new Set<string>()): Promise<number> {
  return db.transaction(async (tx) => {
    const lock = await tx.execute<{ locked: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended('likeness:events', 0)) as locked`,
    );
    return lock.rows[0]?.locked ? numberAcceptable(tx, limit, refused) : 0;
  });
}

// One that the database refuses would else keep all later ones from every reader.
async function numberAcceptable(tx: Db, limit: number, refused: Set<string>): Promise<number> {
  try {
    return await tx.transaction((part) => numberOldest(part, limit, refused));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const half = Math.ceil(limit / 2);
    if (half < limit) {
      const first = await numberAcceptable(tx, half, refused);
      return first + (await numberAcceptable(tx, limit - half, refused));
    }
    const { rows } = await tx.execute<{ id: string }>(oldest(1, refused));
    for (const { id } of rows) refused.add(id);
    return 0;
  }
}

async function numberOldest(tx: Db, limit: number, refused: ReadonlySet<string>): Promise<number> {
  // The ids are made in order of time; materialised, the numbers are taken in the order of the ids.
  const numbered = await tx.execute(sql`
    with batch as materialized (${oldest(limit, refused)}), numbers as materialized (
      select id, nextval(${eventsSequence.seqName}) as sequence from batch
    )
    update ${events} set sequence = numbers.sequence from numbers where events.id = numbers.id
  `);
  return numbered.rowCount ?? 0;
}

function oldest(limit: number, refused: ReadonlySet<string>): SQL {
  const others = refused.size > 0 ? sql`and id <> all(${sql.param([...refused])}::uuid[])` : sql``;
  return sql`select id from ${events} where sequence is null ${others} order by id limit ${limit}`;
}
