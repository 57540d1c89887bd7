import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { type DeliveryFilter, type ListedDelivery, listDeliveries } from './delivery-store.ts';
import { type Endpoint, findEndpoint, listNewest } from './store.ts';

type Needs = Pick<Context, 'db' | 'installation'>;
type Asked = { limit: number; cursor?: string | undefined };
type Page<T> = { data: T[]; next_cursor: string | null };

/** Lists endpoints, newest first. @throws Problem 400 `invalid-cursor` */
export async function listEndpoints(context: Needs, asked: Asked): Promise<Page<Endpoint>> {
  return pageOf(context, 'webhook-endpoints', asked, (before, limit) => listNewest(context.db, before, limit));
}

/** Lists the deliveries of an endpoint, newest first. @throws Problem 400 `invalid-cursor`; 404 */
export async function listDeliveriesOf(
  context: Needs,
  endpointId: string,
  filter: DeliveryFilter,
  asked: Asked,
): Promise<Page<ListedDelivery>> {
  if (!(await findEndpoint(context.db, endpointId))) notFound('webhook endpoint');
  const list = `deliveries ${JSON.stringify({ endpointId, ...filter })}`;
  return pageOf(context, list, asked, (before, limit) => listDeliveries(context.db, endpointId, filter, before, limit));
}

// Ids sort by time, so they are the sort key.
async function pageOf<T extends { id: string }>(
  { installation }: Needs,
  list: string,
  { limit, cursor }: Asked,
  find: (before: string | null, limit: number) => Promise<T[]>,
): Promise<Page<T>> {
  const [before = null] = cursor === undefined ? [] : decodeCursor(installation.secret, list, cursor);
  // One extra row tells whether another page follows.
  const found = await find(before === null ? null : String(before), limit + 1);
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { data, next_cursor: isMore ? encodeCursor(installation.secret, list, [last.id]) : null };
}
