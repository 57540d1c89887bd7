import { Type } from 'typebox';
import { deliveryStatuses, disabledReasons, endpointStatuses } from '../../platform/db/schema.ts';
import { eventTypes } from '../events/types.ts';
import { Closed, Enum, ListQuery, Named, Nullable, Page, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { Text } from '../../platform/http/text.ts';

const exampleUrl = 'https://bot.example.com/webhooks/likeness';

const Url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'https:// and public, unless the operator allows others. Redirects are not followed.',
  examples: [exampleUrl],
});
const Description = Text({ maxLength: 255, description: 'Note for people.' });
// Not a closed list: an unknown type is answered 422 with the list of known ones.
const EventTypes = Nullable(
  Type.Array(Type.String({ maxLength: 50 }), {
    minItems: 1,
    maxItems: 100,
    description: 'Types of the events to send; null for all, including types that later versions add.',
    examples: [['training.succeeded', 'training.failed']],
  }),
);

export const EndpointRequest = Closed(
  { url: Url, description: Type.Optional(Nullable(Description)), event_types: Type.Optional(EventTypes) },
  { examples: [{ url: exampleUrl, event_types: ['training.succeeded', 'training.failed'] }] },
);

export const EndpointPatch = Closed(
  {
    url: Type.Optional(Url),
    description: Type.Optional(Nullable(Description)),
    event_types: Type.Optional(EventTypes),
    status: Type.Optional(
      Enum(endpointStatuses, {
        description: 'Events that happen while the endpoint is disabled are delivered only on request.',
      }),
    ),
  },
  { minProperties: 1, examples: [{ status: 'enabled' }] },
);

const endpoint = {
  id: Uuid,
  url: Type.String({
    description: 'The URL. Keys without the scope `admin` see `/…` in place of path and query, which may hold secrets.',
    examples: [exampleUrl],
  }),
  description: Nullable(Type.String()),
  event_types: Nullable(Type.Array(Enum(eventTypes))),
  status: Enum(endpointStatuses),
  disabled_reason: Nullable(
    Enum(disabledReasons, { description: '`gone`: it answered 410. `failing`: it failed for too long.' }),
  ),
  failing_since: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time since which every attempt has failed; null while attempts succeed.',
    }),
  ),
  previous_secret_expires_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time until which webhooks are signed with the previous secret too.',
    }),
  ),
  created_at: Timestamp,
  updated_at: Timestamp,
};

export const EndpointSchema = Named('WebhookEndpoint', endpoint);
export const EndpointWithSecret = Closed({
  ...endpoint,
  secret: Type.String({
    description: 'The signing secret (Standard Webhooks), shown only once.',
    examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='],
  }),
});
export const EndpointPage = Page(EndpointSchema);
export const EndpointListQuery = Closed(ListQuery);

const AttemptSchema = Closed({
  number: Type.Integer({ description: 'Number of the attempt. A missing number is an attempt cut short by a crash.' }),
  attempted_at: Timestamp,
  latency_ms: Type.Integer(),
  response_status: Nullable(Type.Integer()),
  response_body: Nullable(
    Type.String({ description: 'First kilobyte of the response body; null for keys without the scope `admin`.' }),
  ),
  error: Nullable(Type.String({ description: 'Why the attempt got no response.' })),
});

export const DeliverySchema = Named('WebhookDelivery', {
  id: Uuid,
  endpoint_id: Uuid,
  event_id: Type.String({ format: 'uuid', description: 'Id of the event, sent as `webhook-id` with every attempt.' }),
  event_type: Enum(eventTypes),
  status: Enum(deliveryStatuses),
  attempts: Type.Array(AttemptSchema),
  next_attempt_at: Nullable(Timestamp),
  give_up_at: Timestamp,
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
});
export const DeliveryPage = Page(DeliverySchema);
export const DeliveryListQuery = Closed({
  ...ListQuery,
  status: Type.Optional(Enum(deliveryStatuses)),
  event_id: Type.Optional(Uuid),
});
export const DeliveryParams = Closed({ id: Uuid, delivery_id: Uuid });

export const PingSchema = Closed({
  event_id: Type.String({ format: 'uuid', description: 'Id of the event that is delivered.' }),
});

export const RedeliveryRequest = Closed(
  { since: Type.String({ format: 'date-time', description: 'Time of the earliest event to redeliver.' }) },
  { examples: [{ since: '2026-11-22T12:00:00.000Z' }] },
);
export const RedeliverySchema = Closed({
  count: Type.Integer({ description: 'Number of events to redeliver.' }),
});
