import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from '../../src/platform/db/client.ts';
import { transact } from '../../src/platform/db/transact.ts';
import { publish } from '../../src/features/events/publish.ts';
import type { Arrival } from './receiver.ts';
import { until } from './until.ts';

/** Ids of events by the known outcome of their transactions. */
export type Written = { committed: Set<string>; rolledBack: Set<string>; unsure: Set<string> };

const onPurpose = 'rolled back on purpose';

/**
 * Publishes events in transactions, some of which roll back, until it is stopped. A broken connection leaves the
 * outcome unsure.
 */
export function startWriters(db: Database, writers: number): { written: Written; stop(): Promise<Written> } {
  const written: Written = { committed: new Set(), rolledBack: new Set(), unsure: new Set() };
  let isOver = false;
  async function write(): Promise<void> {
    while (!isOver) {
      let ids: string[] = [];
      const isWanted = randomInt(5) > 0;
      try {
        await transact({ db }, async (tx) => {
          ids = await publish(tx, { type: 'user.created', user_id: randomUUID() });
          await delay(randomInt(10));
          if (!isWanted) throw new Error(onPurpose);
        });
        ids.forEach((id) => written.committed.add(id));
      } catch (error) {
        const isMeant = error instanceof Error && error.message === onPurpose;
        ids.forEach((id) => (isMeant ? written.rolledBack : written.unsure).add(id));
        if (!isMeant) await delay(50);
      }
    }
  }
  const running = Promise.all(Array.from({ length: writers }, write));
  return {
    written,
    async stop() {
      isOver = true;
      await running;
      return written;
    },
  };
}

/** Waits until every event is numbered, and every delivery is created and settled. */
export async function untilDelivered(pool: pg.Pool, timeoutMs: number): Promise<void> {
  await until(
    'every delivery',
    async () => {
      const { rows } = await pool.query<{ is_done: boolean }>(
        `select not exists (select from events where sequence is null)
            and not exists (select from webhook_deliveries where status = 'pending')
            and not exists (select from webhook_endpoints where last_sequence < (select max(sequence) from events)) as is_done`,
      );
      return rows[0]?.is_done === true;
    },
    timeoutMs,
  );
}

/** Counts broken promises of the outbox, for an endpoint that existed before the first event. */
export async function judgeOutbox(pool: pg.Pool, written: Written, arrivals: readonly Arrival[]) {
  const { rows } = await pool.query<{ id: string }>(`select id from events where type = 'user.created'`);
  const kept = new Set(rows.map(({ id }) => id));
  const byId = Map.groupBy(arrivals, ({ id }) => id);
  const count = (ids: Iterable<string>, isWrong: (id: string) => boolean) => [...ids].filter(isWrong).length;
  return {
    committed_and_lost: count(written.committed, (id) => !kept.has(id)),
    kept_and_not_delivered: count(kept, (id) => !byId.has(id)),
    rolled_back_and_kept: count(written.rolledBack, (id) => kept.has(id)),
    delivered_and_not_kept: count(byId.keys(), (id) => !kept.has(id)),
    delivered_otherwise_again: count(byId.keys(), (id) => new Set(byId.get(id)?.map(({ text }) => text)).size !== 1),
    id_of_another_event: arrivals.filter(({ id, message }) => message.data['id'] !== id).length,
  };
}
