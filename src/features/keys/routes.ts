import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { done, success } from '../../platform/http/success.ts';
import { createKey } from './create-key.ts';
import { listKeys } from './list-keys.ts';
import { mintToken } from './mint-token.ts';
import { rotateKey } from './rotate-key.ts';
import {
  KeyListQuery,
  KeyPage,
  KeyRequest,
  KeySchema,
  MadeKeySchema,
  RotationRequest,
  TokenRequest,
  TokenSchema,
} from './schemas.ts';
import { findKey, revokeKey } from './store.ts';
import { keyView } from './view.ts';

const tags = ['keys'];
const admin = { scope: 'admin', keysOnly: true } as const;
const adminPost = { ...admin, idempotent: 'secret' } as const;

export async function keyRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/keys',
    {
      config: adminPost,
      schema: {
        operationId: 'createKey',
        summary: 'Create an API key',
        description: 'The answer shows the key once; only a hash of the key is stored.',
        tags,
        body: KeyRequest,
        response: answers({ 201: success('The key was created.', MadeKeySchema, ['Location']) }),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { name, scopes, expires_at } = request.body;
        const expiresAt = expires_at ? new Date(expires_at) : null;
        const { key, ...made } = await createKey(unit, { name, scopes, expiresAt });
        reply.code(201).header('location', `/v1/keys/${made.id}`);
        return { ...keyView(made), key };
      }),
  );

  app.get(
    '/v1/keys',
    {
      config: admin,
      schema: {
        operationId: 'listKeys',
        summary: 'List API keys',
        description: 'Newest first, including revoked and expired keys.',
        tags,
        querystring: KeyListQuery,
        response: answers({ 200: KeyPage }, ['invalid-cursor']),
      },
    },
    async ({ query }) => {
      const page = await listKeys(app, query);
      return { ...page, data: page.data.map(keyView) };
    },
  );

  app.get(
    '/v1/keys/:id',
    {
      config: admin,
      schema: {
        operationId: 'getKey',
        summary: 'Get an API key',
        tags,
        params: IdParams,
        response: answers({ 200: KeySchema }, ['not-found']),
      },
    },
    async ({ params }) => keyView((await findKey(app.db, params.id)) ?? notFound('key')),
  );

  app.delete(
    '/v1/keys/:id',
    {
      config: admin,
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke an API key',
        description:
          'Every instance refuses the key, and the user tokens it minted, within a second. The record of the key is kept.',
        tags,
        params: IdParams,
        response: answers({ 204: done }, ['not-found']),
      },
    },
    async ({ params }, reply) => {
      if (!(await revokeKey(app.db, params.id))) notFound('key');
      return reply.code(204).send();
    },
  );

  registerMaking(app);
}

function registerMaking(app: RouteScope): void {
  app.post(
    '/v1/keys/:id/rotate',
    {
      config: adminPost,
      schema: {
        operationId: 'rotateKey',
        summary: 'Rotate an API key',
        description:
          'The new key has the name, scopes and lifetime of the old key, which keeps working for the overlap. Rate limits ' +
          'and idempotency keys are shared by both keys. The answer shows the new key once.',
        tags,
        params: IdParams,
        body: RotationRequest,
        response: answers({ 201: success('The new key was created.', MadeKeySchema, ['Location']) }, [
          'not-found',
          'invalid-state',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { made } = await rotateKey(unit, request.params.id, request.body.overlap_seconds * 1000);
        const { key, ...shown } = made;
        reply.code(201).header('location', `/v1/keys/${made.id}`);
        return { ...keyView(shown), key };
      }),
  );

  app.post(
    '/v1/users/:id/tokens',
    {
      config: { scope: 'avatars:write', keysOnly: true, idempotent: 'secret' },
      schema: {
        operationId: 'createUserToken',
        summary: 'Create a token for a user',
        description:
          'For a browser or a web app that calls this API directly. The token reaches only what belongs to the user; ' +
          'resources of other users are answered 404. It ends when its lifetime is over, when the key that minted it is ' +
          'revoked, and when the user is deleted.',
        tags,
        params: IdParams,
        body: TokenRequest,
        response: answers({ 201: success('The token was minted.', TokenSchema) }, ['not-found']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const minted = await mintToken(
          { ...unit, installation: app.installation },
          request.params.id,
          request.body,
          request.caller,
        );
        reply.code(201);
        return { ...minted, expires_at: minted.expires_at.toISOString() };
      }),
  );
}
