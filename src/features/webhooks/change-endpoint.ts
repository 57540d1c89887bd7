import type { Static } from 'typebox';
import type { Context } from '../../context.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import { notFound } from '../../errors.ts';
import { checkIfMatch, etagOf } from '../../platform/http/etag.ts';
import { checkEndpointUrl } from './address.ts';
import { failPending } from './delivery-store.ts';
import { checkEventTypes } from './event-types.ts';
import type { EndpointPatch } from './schemas.ts';
import { makeSecret } from './secret.ts';
import {
  deleteEndpoint,
  type Endpoint,
  type EndpointChanges,
  findNewest,
  lockEndpoint,
  updateEndpoint,
} from './store.ts';
import { endpointView } from './view.ts';

type Guard = { ifMatch?: string | undefined };

/** Locks an endpoint and checks `ifMatch`. @throws Problem 404, 412 `precondition-failed` */
async function lockAsRead(tx: Tx, id: string, { ifMatch }: Guard): Promise<Endpoint> {
  const endpoint = (await lockEndpoint(tx, id)) ?? notFound('webhook endpoint');
  checkIfMatch(ifMatch, etagOf(endpointView(endpoint)));
  return endpoint;
}

/**
 * Updates an endpoint by merge patch (RFC 7396). Disabling it fails its pending deliveries. Enabling it or changing its
 * URL clears its failures; once enabled, it receives new events only.
 * @throws Problem 404; 412; 422 `invalid-endpoint-url`, `unknown-event-type`
 */
export async function patchEndpoint(
  context: Pick<Context, 'config' | 'db' | 'wakeups'>,
  id: string,
  { url, event_types, status, ...rest }: Static<typeof EndpointPatch>,
  guard: Guard = {},
): Promise<Endpoint> {
  const changes: EndpointChanges = {
    ...rest,
    ...(url !== undefined && {
      url: checkEndpointUrl(url, context.config.webhooks),
      failing_since: null,
      paused_until: null,
    }),
    ...(event_types !== undefined && { event_types: checkEventTypes(event_types) }),
  };
  return transact(context, async (tx) => {
    const before = await lockAsRead(tx, id, guard);
    if (status === undefined || status === before.status) return updateEndpoint(tx, id, changes);
    if (status === 'enabled') {
      return updateEndpoint(tx, id, {
        ...changes,
        status,
        disabled_reason: null,
        failing_since: null,
        paused_until: null,
        last_sequence: await findNewest(tx),
      });
    }
    await failPending(tx, id, new Date());
    return updateEndpoint(tx, id, { ...changes, status, disabled_reason: 'by-request' });
  });
}

/** Deletes an endpoint with its deliveries. @throws Problem 404; 412 */
export async function removeEndpoint(
  context: Pick<Context, 'db' | 'wakeups'>,
  id: string,
  guard: Guard = {},
): Promise<void> {
  await transact(context, async (tx) => {
    await lockAsRead(tx, id, guard);
    await deleteEndpoint(tx, id);
  });
}

/**
 * Replaces the secret of an endpoint. For a time webhooks are signed with the previous secret too, but with none before
 * that.
 * @throws Problem 404
 */
export async function rotateSecret(context: Pick<Context, 'config' | 'db' | 'wakeups'>, id: string): Promise<Endpoint> {
  return transact(context, async (tx) => {
    const { secret } = await lockAsRead(tx, id, {});
    return updateEndpoint(tx, id, {
      secret: makeSecret(),
      previous_secret: secret,
      previous_secret_expires_at: new Date(Date.now() + context.config.webhooks.secretOverlapMs),
    });
  });
}
