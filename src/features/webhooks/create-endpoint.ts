import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { checkEndpointUrl } from './address.ts';
import { checkEventTypes } from './event-types.ts';
import type { EndpointRequest } from './schemas.ts';
import { makeSecret } from './secret.ts';
import { type Endpoint, findNewest, insertEndpoint } from './store.ts';

/**
 * Creates an endpoint, which receives events from now on.
 * @throws Problem 422 `invalid-endpoint-url`, `unknown-event-type`
 */
export async function createEndpoint(
  { config, db }: Pick<Context, 'config' | 'db'>,
  { url, description = null, event_types = null }: Static<typeof EndpointRequest>,
): Promise<Endpoint> {
  const now = new Date();
  const endpoint: Endpoint = {
    id: uuidv7(),
    url: checkEndpointUrl(url, config.webhooks),
    description,
    event_types: checkEventTypes(event_types),
    secret: makeSecret(),
    previous_secret: null,
    previous_secret_expires_at: null,
    status: 'enabled',
    disabled_reason: null,
    failing_since: null,
    paused_until: null,
    last_sequence: await findNewest(db),
    created_at: now,
    updated_at: now,
  };
  await insertEndpoint(db, endpoint);
  return endpoint;
}
