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

export async function deliveryRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/webhook-endpoints/:id/ping',
    {
      config: post,
      schema: {
        operationId: 'pingWebhookEndpoint',
        summary: 'Send a test event to a webhook endpoint',
        description:
          'Sends an `endpoint.ping`, whatever event types the endpoint has chosen. The outcome is listed among the deliveries.',
        tags,
        params: IdParams,
        response: answers({ 202: success('The delivery is queued.', PingSchema) }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const eventId = await pingEndpoint(unit, request.params.id, request.id);
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
        summary: 'List deliveries to a webhook endpoint',
        description: 'Deliveries with all attempts, newest first.',
        tags,
        params: IdParams,
        querystring: DeliveryListQuery,
        response: answers({ 200: DeliveryPage }, ['not-found', 'invalid-cursor']),
      },
    },
    async ({ params, query, caller }) => {
      const { status, event_id: eventId, ...asked } = query;
      const page = await listDeliveriesOf(app, params.id, { status, eventId }, asked);
      return { ...page, data: page.data.map((delivery) => deliveryView(delivery, sightOf(caller))) };
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/deliveries/:delivery_id/redeliver',
    {
      config: post,
      schema: {
        operationId: 'redeliverWebhook',
        summary: 'Redeliver an event',
        description: 'Sends the event again with its `webhook-id`, whatever the outcome before.',
        tags,
        params: DeliveryParams,
        response: answers({ 202: success('The delivery is queued.', DeliverySchema) }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { id, delivery_id: deliveryId } = request.params;
        const delivery = await redeliverOne({ ...unit, config: app.config }, id, deliveryId);
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
        summary: 'Redeliver events since a time',
        description:
          'Sends all stored events that pass the filter, whether they were delivered, failed, or were missed while the endpoint was disabled.',
        tags,
        params: IdParams,
        body: RedeliveryRequest,
        response: answers({ 202: success('The deliveries are queued.', RedeliverySchema) }, [
          'not-found',
          'invalid-state',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const count = await redeliverSince(unit, request.params.id, new Date(request.body.since));
        reply.code(202);
        return { count };
      }),
  );
}
