import { answers } from '../../platform/http/answers.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { success } from '../../platform/http/success.ts';
import { listDeliveriesOf } from './list.ts';
import { pingEndpoint, redeliverOne, redeliverSince } from './redeliver.ts';
import {
  DeliveryListQuery,
  DeliveryPage,
  DeliveryParams,
  DeliverySchema,
  PingSchema,
  RedeliveryRequest,
  RedeliverySchema,
} from './schemas.ts';
import { deliveryView, sightOf } from './view.ts';

const tags = ['webhooks'];
const read = { scope: 'events:read', keysOnly: true } as const;
const post = { scope: 'admin', keysOnly: true, idempotent: true } as const;

/** What was delivered to an endpoint, and delivering it again. */
export async function deliveryRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/webhook-endpoints/:id/ping',
    {
      config: post,
      schema: {
        operationId: 'pingWebhookEndpoint',
        summary: 'Try a webhook endpoint',
        description: 'Sends it an `endpoint.ping`, whatever its filter. What comes of it is among its deliveries.',
        tags,
        params: IdParams,
        response: answers({ 202: success('It will be sent.', PingSchema) }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (context) => {
        const eventId = await pingEndpoint(context, request.params.id, request.id);
        reply.code(202);
        return { event_id: eventId };
      }),
  );

  app.get(
    '/v1/webhook-endpoints/:id/deliveries',
    {
      config: read,
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'List the deliveries to a webhook endpoint',
        description: 'Newest first, each with every attempt.',
        tags,
        params: IdParams,
        querystring: DeliveryListQuery,
        response: answers({ 200: DeliveryPage }, ['not-found', 'invalid-cursor']),
      },
    },
    async ({ params, query, caller }) => {
      const { status, event_id: eventId, ...asked } = query;
      const { data, next_cursor } = await listDeliveriesOf(app, params.id, { status, eventId }, asked);
      return { data: data.map((delivery) => deliveryView(delivery, sightOf(caller))), next_cursor };
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/deliveries/:delivery_id/redeliver',
    {
      config: post,
      schema: {
        operationId: 'redeliverWebhook',
        summary: 'Deliver one event again',
        description: 'Whatever came of it before. It is the same event with the same `webhook-id`.',
        tags,
        params: DeliveryParams,
        response: answers({ 202: success('It will be sent.', DeliverySchema) }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (context) => {
        const { id, delivery_id: deliveryId } = request.params;
        const delivery = await redeliverOne(context, id, deliveryId);
        reply.code(202);
        return deliveryView(delivery);
      }),
  );

  app.post(
    '/v1/webhook-endpoints/:id/redeliver',
    {
      config: post,
      schema: {
        operationId: 'redeliverWebhooksSince',
        summary: 'Deliver all events since a time again',
        description:
          'All that are kept and pass the filter: delivered, given up, or missed while the endpoint was disabled.',
        tags,
        params: IdParams,
        body: RedeliveryRequest,
        response: answers({ 202: success('They will be sent.', RedeliverySchema) }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (context) => {
        const count = await redeliverSince(context, request.params.id, new Date(request.body.since));
        reply.code(202);
        return { count };
      }),
  );
}
