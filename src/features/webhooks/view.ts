import type { Static } from 'typebox';
import type { EventType } from '../events/types.ts';
import { type Caller, hasScope } from '../../platform/http/caller.ts';
import { iso } from '../../platform/http/iso.ts';
import type { ListedDelivery } from './delivery-store.ts';
import type { DeliverySchema, EndpointSchema } from './schemas.ts';
import type { Endpoint } from './store.ts';

/** `whole` includes what only operators may see: the path and query of the URL, and the responses of the endpoint. */
export type Sight = 'whole' | 'masked';

export function sightOf(caller: Caller): Sight {
  return hasScope(caller, 'admin') ? 'whole' : 'masked';
}

/** An endpoint without signing secrets and, masked, without path and query of its URL. */
export function endpointView(endpoint: Endpoint, sight: Sight = 'whole'): Static<typeof EndpointSchema> {
  const { id, description, event_types, status, disabled_reason } = endpoint;
  return {
    id,
    url: sight === 'whole' ? endpoint.url : `${new URL(endpoint.url).origin}/…`,
    description,
    // Validated on write.
    event_types: event_types as EventType[] | null,
    status,
    disabled_reason,
    failing_since: iso(endpoint.failing_since),
    previous_secret_expires_at: iso(endpoint.previous_secret_expires_at),
    created_at: iso(endpoint.created_at),
    updated_at: iso(endpoint.updated_at),
  };
}

/** A delivery with its attempts; masked, without the endpoint's responses. */
export function deliveryView(delivery: ListedDelivery, sight: Sight = 'whole'): Static<typeof DeliverySchema> {
  const { id, endpoint_id, event_id, status, list } = delivery;
  return {
    id,
    endpoint_id,
    event_id,
    event_type: delivery.event_type as EventType,
    status,
    attempts: list.map(({ number, attempted_at, latency_ms, response_status, response_body, error }) => ({
      number,
      attempted_at: iso(attempted_at),
      latency_ms,
      response_status,
      response_body: sight === 'whole' ? response_body : null,
      error,
    })),
    next_attempt_at: iso(delivery.next_attempt_at),
    give_up_at: iso(delivery.give_up_at),
    created_at: iso(delivery.created_at),
    ended_at: iso(delivery.ended_at),
  };
}
