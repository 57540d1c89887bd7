import { type SQL, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { advisoryLocks, tryAdvisoryLock } from '../../platform/db/advisory-lock.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import { events, eventsSequence } from '../../platform/db/schema.ts';
import { savepoint, transact, type Tx, type Unit } from '../../platform/db/transact.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { topics } from '../../topics.ts';

const batch = 1000;
// Kept until the process ends, so that each refused event is tried and logged once.
const refused = new Set<string>();

/**
 * Numbers committed events, one worker at a time. An event whose transaction committed late gets a late number, so no
 * reader that has passed it misses it.
 */
export const sequenceEventsJob = defineRecurringJob<Pick<Context, 'config' | 'db' | 'log' | 'wakeups'>>({
  name: 'events.sequence',
  topic: topics.eventsPublished,
  everyMs: ({ config }) => config.training.checkIntervalMs,
  async run(context) {
    const before = refused.size;
    const count = await sequenceEvents(context, batch, refused);
    if (refused.size > before) {
      context.log.error({ events: [...refused].slice(before) }, 'the database refuses to number events');
    }
    return count === batch;
  },
});

/**
 * @param refused ids of events that the database refuses to number: they are skipped, and new ones are added
 * @returns how many events were numbered; 0 also while another worker holds the lock
 */
export async function sequenceEvents(unit: Unit, limit: number, refused = new Set<string>()): Promise<number> {
  return transact(unit, async (tx) => {
    if (!(await tryAdvisoryLock(tx, advisoryLocks.events))) return 0;
    const count = await numberAcceptable(tx, limit, refused);
    if (count > 0) tx.wake(topics.eventsSequenced);
    return count;
  });
}

// One event that the database refuses must not hold back the events after it.
async function numberAcceptable(tx: Tx, limit: number, refused: Set<string>): Promise<number> {
  try {
    return await savepoint(tx, (part) => numberOldest(part, limit, refused));
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

async function numberOldest(tx: Tx, limit: number, refused: ReadonlySet<string>): Promise<number> {
  // Ids sort by time; materialised, so that numbers are assigned in the order of ids.
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
