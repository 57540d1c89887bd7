import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { etagOf, notModified } from '../../platform/http/etag.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { mergePatch } from '../../platform/http/merge-patch.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { done, success, unmodified } from '../../platform/http/success.ts';
import { patchEndpoint, removeEndpoint, rotateSecret } from './change-endpoint.ts';
import { createEndpoint } from './create-endpoint.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { listEndpoints } from './list.ts';
import {
  EndpointListQuery,
  EndpointPage,
  EndpointPatch,
  EndpointRequest,
  EndpointSchema,
  EndpointWithSecret,
} from './schemas.ts';
import { type Endpoint, findEndpoint } from './store.ts';
import { endpointView, type Sight, sightOf } from './view.ts';

const tags = ['webhooks'];
const read = { scope: 'events:read', keysOnly: true } as const;
const write = { scope: 'admin', keysOnly: true } as const;

/** Webhook endpoints. They belong to the installation, so user tokens have no access. */
export async function endpointRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/webhook-endpoints',
    {
      config: { ...write, idempotent: 'secret' },
      schema: {
        operationId: 'createWebhookEndpoint',
        summary: 'Create a webhook endpoint',
        description:
          'New events are posted to the endpoint, signed by the Standard Webhooks scheme. The answer shows the secret once.',
        tags,
        body: EndpointRequest,
        response: answers({ 201: success('The endpoint was created.', EndpointWithSecret, ['Location', 'ETag']) }, [
          'invalid-endpoint-url',
          'unknown-event-type',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const endpoint = await createEndpoint({ ...unit, config: app.config }, request.body);
        reply.code(201).header('location', `/v1/webhook-endpoints/${endpoint.id}`);
        return { ...tagged(reply, endpoint), secret: endpoint.secret };
      }),
  );

  app.get(
    '/v1/webhook-endpoints',
    {
      config: read,
      schema: {
        operationId: 'listWebhookEndpoints',
        summary: 'List webhook endpoints',
        description: 'Newest first. Without the scope `admin`, URLs are shown without path and query.',
        tags,
        querystring: EndpointListQuery,
        response: answers({ 200: EndpointPage }, ['invalid-cursor']),
      },
    },
    async ({ query, caller }) => {
      const page = await listEndpoints(app, query);
      return { ...page, data: page.data.map((endpoint) => endpointView(endpoint, sightOf(caller))) };
    },
  );

  app.get(
    '/v1/webhook-endpoints/:id',
    {
      config: read,
      schema: {
        operationId: 'getWebhookEndpoint',
        summary: 'Get a webhook endpoint',
        description: 'Without the scope `admin`, the URL is shown without path and query.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The endpoint.', EndpointSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const endpoint = (await findEndpoint(app.db, request.params.id)) ?? notFound('webhook endpoint');
      const body = tagged(reply, endpoint, sightOf(request.caller));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.patch(
    '/v1/webhook-endpoints/:id',
    {
      config: write,
      schema: {
        operationId: 'updateWebhookEndpoint',
        summary: 'Update a webhook endpoint',
        description: 'A JSON merge patch. Disabling the endpoint fails its pending deliveries.',
        tags,
        consumes: mergePatch,
        params: IdParams,
        headers: PreconditionHeaders('endpoint'),
        body: EndpointPatch,
        response: answers({ 200: success('The updated endpoint.', EndpointSchema, ['ETag']) }, [
          'not-found',
          'precondition-failed',
          'invalid-endpoint-url',
          'unknown-event-type',
        ]),
      },
    },
    async ({ params, body, headers }, reply) =>
      tagged(reply, await patchEndpoint(app, params.id, body, { ifMatch: headers['if-match'] })),
  );

  app.delete(
    '/v1/webhook-endpoints/:id',
    {
      config: write,
      schema: {
        operationId: 'deleteWebhookEndpoint',
        summary: 'Delete a webhook endpoint',
        description: 'Deletes the endpoint with the record of its deliveries.',
        tags,
        params: IdParams,
        headers: PreconditionHeaders('endpoint'),
        response: answers({ 204: done }, ['not-found', 'precondition-failed']),
      },
    },
    async ({ params, headers }, reply) => {
      await removeEndpoint(app, params.id, { ifMatch: headers['if-match'] });
      return reply.code(204).send();
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/rotate-secret',
    {
      config: { ...write, idempotent: 'secret' },
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Rotate the secret of a webhook endpoint',
        description:
          'The answer shows the new secret once. For a day, webhooks carry a signature by the new secret and one by the old.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The endpoint with its new secret.', EndpointWithSecret, ['ETag']) }, [
          'not-found',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const endpoint = await rotateSecret({ ...unit, config: app.config }, request.params.id);
        return { ...tagged(reply, endpoint), secret: endpoint.secret };
      }),
  );

  await app.register(deliveryRoutes);
}

function tagged(reply: FastifyReply, endpoint: Endpoint, sight?: Sight): Static<typeof EndpointSchema> {
  const view = endpointView(endpoint, sight);
  reply.header('etag', etagOf(view));
  return view;
}
