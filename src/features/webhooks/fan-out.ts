import type { FastifyBaseLogger } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Config } from '../../config.ts';
import type { Context } from '../../context.ts';
import { advisoryLocks, tryAdvisoryLock } from '../../platform/db/advisory-lock.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import { savepoint, transact, type Tx } from '../../platform/db/transact.ts';
import { topics } from '../../topics.ts';
import { type Event, findEvents } from '../events/store.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { insertDeliveries, type NewDelivery } from './delivery-store.ts';
import { type Endpoint, lockLagging, moveEndpoints } from './store.ts';

type Log = Pick<FastifyBaseLogger, 'error'>;

// Limits of one statement: events for endpoints at one position, and deliveries.
const eventsBatch = 500;
const deliveriesBatch = 20_000;

/**
 * Creates deliveries of numbered events, for each endpoint from its position. Deliveries and position are written in
 * one transaction, so that a crash neither skips nor repeats an event.
 */
export const fanOutJob = defineRecurringJob<Pick<Context, 'config' | 'db' | 'log' | 'wakeups'>>({
  name: 'endpoints.fan-out',
  topic: topics.eventsSequenced,
  everyMs: ({ config }) => config.training.checkIntervalMs,
  async run(context) {
    const { isMore } = await transact(context, (tx) => fanOut(tx, context.config.webhooks, context.log));
    return isMore;
  },
});

/**
 * @returns how many deliveries were created, and whether a batch was full; nothing while another worker holds the lock
 */
export async function fanOut(
  tx: Tx,
  { giveUpMs }: Pick<Config['webhooks'], 'giveUpMs'>,
  log: Log,
): Promise<{ made: number; isMore: boolean }> {
  const total = { made: 0, isMore: false };
  if (!(await tryAdvisoryLock(tx, advisoryLocks.fanOut))) return total;
  const now = new Date();
  const giveUpAt = new Date(now.getTime() + giveUpMs);
  // An endpoint that replays old events has another position; the groups take turns.
  for (const [after, endpoints] of Map.groupBy(await lockLagging(tx), (endpoint) => endpoint.last_sequence)) {
    const limit = Math.max(1, Math.min(eventsBatch, Math.floor(deliveriesBatch / endpoints.length)));
    const events = await findEvents(tx, { after, limit });
    const last = events.at(-1);
    if (!last) continue;
    const list = deliveriesOf(events, endpoints);
    await insertAcceptable(tx, list, { now, giveUpAt, log });
    await moveEndpoints(
      tx,
      endpoints.map(({ id }) => id),
      last.sequence,
    );
    total.made += list.length;
    total.isMore ||= events.length === limit;
  }
  if (total.made > 0) tx.wake(topics.deliveries);
  return total;
}

// An event that the database refuses is skipped, so that it does not hold back the events after it.
async function insertAcceptable(
  tx: Tx,
  list: NewDelivery[],
  needs: { now: Date; giveUpAt: Date; log: Log },
): Promise<void> {
  if (list.length === 0) return;
  try {
    await savepoint(tx, (part) => insertDeliveries(part, list, needs.now, needs.giveUpAt));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const half = Math.ceil(list.length / 2);
    if (half < list.length) {
      await insertAcceptable(tx, list.slice(0, half), needs);
      return insertAcceptable(tx, list.slice(half), needs);
    }
    needs.log.error({ err: error, ...list[0] }, 'the database refuses a delivery, which is skipped');
  }
}

function deliveriesOf(events: Event[], endpoints: Endpoint[]): NewDelivery[] {
  return events.flatMap((event) =>
    endpoints
      .filter((endpoint) => wants(endpoint, event))
      .map((endpoint) => ({ id: uuidv7(), endpointId: endpoint.id, eventId: event.id })),
  );
}

function wants({ id, event_types }: Endpoint, { type, data }: Event): boolean {
  if (type === 'endpoint.ping') return data['endpoint_id'] === id;
  return event_types === null || event_types.includes(type);
}
