import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { type Asked, type Page, type Position, readPage } from '../../platform/http/page.ts';
import { type DeliveryFilter, type ListedDelivery, listDeliveries } from './delivery-store.ts';
import { type Endpoint, findEndpoint, listNewest } from './store.ts';

type Needs = Pick<Context, 'db' | 'installation'>;

/** Lists endpoints, newest first. @throws Problem 400 `invalid-cursor` */
export async function listEndpoints(context: Needs, asked: Asked): Promise<Page<Endpoint>> {
  return readPage(context, asked, {
    name: 'webhook-endpoints',
    read: (after, limit) => listNewest(context.db, idOf(after), limit),
    position: ({ id }) => [id],
  });
}

/** Lists the deliveries of an endpoint, newest first. @throws Problem 400 `invalid-cursor`; 404 */
export async function listDeliveriesOf(
  context: Needs,
  endpointId: string,
  filter: DeliveryFilter,
  asked: Asked,
): Promise<Page<ListedDelivery>> {
  if (!(await findEndpoint(context.db, endpointId))) notFound('webhook endpoint');
  return readPage(context, asked, {
    name: `deliveries ${JSON.stringify({ endpointId, ...filter })}`,
    read: (after, limit) => listDeliveries(context.db, endpointId, filter, idOf(after), limit),
    position: ({ id }) => [id],
  });
}

// Ids sort by time, so they are the sort key.
function idOf(after: Position | null): string | null {
  return after && String(after[0]);
}
