import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import { topics } from '../../topics.ts';
import { publish } from '../events/publish.ts';
import { type ListedDelivery, listDeliveries, restartDelivery } from './delivery-store.ts';
import { type Endpoint, findSince, lockEndpoint, moveEndpoints } from './store.ts';

/**
 * Publishes a ping event for one endpoint. It is delivered like any other event.
 * @returns the event's id
 * @throws Problem 404; 409 `invalid-state` when the endpoint is disabled
 */
export async function pingEndpoint(
  context: Pick<Context, 'db' | 'wakeups'>,
  id: string,
  requestId?: string,
): Promise<string> {
  const [eventId = ''] = await transact(context, async (tx) => {
    await lockEnabled(tx, id);
    return publish(tx, { type: 'endpoint.ping', data: { endpoint_id: id }, request_id: requestId ?? null });
  });
  return eventId;
}

/**
 * Delivers one event to an endpoint again, whatever its earlier result.
 * @throws Problem 404; 409 `invalid-state` when the endpoint is disabled
 */
export async function redeliverOne(
  context: Pick<Context, 'config' | 'db' | 'wakeups'>,
  endpointId: string,
  id: string,
): Promise<ListedDelivery> {
  return transact(context, async (tx) => {
    await lockEnabled(tx, endpointId);
    const now = new Date();
    const giveUpAt = new Date(now.getTime() + context.config.webhooks.giveUpMs);
    await restartDelivery(tx, endpointId, id, now, giveUpAt);
    tx.wake(topics.deliveries);
    const [listed] = await listDeliveries(tx, endpointId, { id }, null, 1);
    return listed ?? notFound('delivery');
  });
}

/**
 * Delivers again all kept events since a time that pass the endpoint's filter: delivered ones, failed ones, and those
 * published while it was disabled.
 * @returns their number
 * @throws Problem 404; 409 `invalid-state` when the endpoint is disabled
 */
export async function redeliverSince(
  context: Pick<Context, 'db' | 'wakeups'>,
  id: string,
  since: Date,
): Promise<number> {
  return transact(context, async (tx) => {
    const endpoint = await lockEnabled(tx, id);
    const found = await findSince(tx, since, endpoint.last_sequence, endpoint.event_types);
    if (!found) return 0;
    await moveEndpoints(tx, [id], found.before);
    tx.wake(topics.eventsSequenced);
    return found.count;
  });
}

async function lockEnabled(tx: Tx, id: string): Promise<Endpoint> {
  const endpoint = (await lockEndpoint(tx, id)) ?? notFound('webhook endpoint');
  if (endpoint.status === 'enabled') return endpoint;
  throw new Problem(
    'invalid-state',
    'The webhook endpoint is disabled and receives nothing: enable it first, by PATCH.',
  );
}
