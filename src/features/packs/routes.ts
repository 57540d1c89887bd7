import type { FastifyReply } from 'fastify';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { etagOf, notModified } from '../../platform/http/etag.ts';
import { readPage } from '../../platform/http/page.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { CreatingHeaders, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { done, success, unmodified } from '../../platform/http/success.ts';
import { removePack, savePack } from './save-pack.ts';
import {
  packBodyLimit,
  PackListQuery,
  PackPage,
  PackParams,
  PackRequest,
  PackSchema,
  type PackView,
} from './schemas.ts';
import { sightOf } from './sight.ts';
import { findPack, listPacks, type Pack } from './store.ts';
import { packSummaryView, packView } from './view.ts';

const tags = ['packs'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'admin', keysOnly: true } as const;

/** Packs: prompts of the operator's. User tokens see the public ones. */
export async function packRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/packs',
    {
      config: read,
      schema: {
        operationId: 'listPacks',
        summary: 'List packs',
        description: 'By name, without their prompts. A user token gets the public ones alone.',
        tags,
        querystring: PackListQuery,
        response: answers({ 200: PackPage }, ['invalid-cursor']),
      },
    },
    async ({ query, caller }) => {
      const sight = sightOf(caller);
      const page = await readPage(app, query, {
        name: `packs ${sight}`,
        read: (after, limit) => listPacks(app.db, after && String(after[0]), limit, sight),
        position: ({ name }) => [name],
      });
      return { ...page, data: page.data.map(packSummaryView) };
    },
  );

  app.get(
    '/v1/packs/:name',
    {
      config: read,
      schema: {
        operationId: 'getPack',
        summary: 'Get a pack',
        description: 'With its prompts. For a user token, a pack that is not public does not exist.',
        tags,
        params: PackParams,
        response: answers({ 200: success('The pack.', PackSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const pack = await findPack(app.db, request.params.name, sightOf(request.caller));
      const body = tagged(reply, pack ?? notFound('pack'));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.put(
    '/v1/packs/:name',
    {
      bodyLimit: packBodyLimit,
      config: write,
      schema: {
        operationId: 'putPack',
        summary: 'Create or replace a pack',
        description:
          'Writes the pack as a whole, and creates it where there is none. Generations that were made by it keep their prompts. The body has up to 512 KB.',
        tags,
        params: PackParams,
        headers: CreatingHeaders('pack'),
        body: PackRequest,
        response: answers(
          {
            200: success('The pack.', PackSchema, ['ETag']),
            201: success('The pack was created.', PackSchema, ['ETag']),
          },
          ['precondition-failed', 'invalid-setting', 'prompt-too-long', 'prompt-placeholder'],
        ),
      },
    },
    async ({ params, body, headers }, reply) => {
      const preconditions = { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
      const { pack, change } = await savePack(app, params.name, body, preconditions);
      if (change === 'created') reply.code(201);
      return tagged(reply, pack);
    },
  );

  app.delete(
    '/v1/packs/:name',
    {
      config: write,
      schema: {
        operationId: 'deletePack',
        summary: 'Delete a pack',
        description: 'Generations that were made by it stay; user tokens do not see their prompts.',
        tags,
        params: PackParams,
        headers: PreconditionHeaders('pack'),
        response: answers({ 204: done }, ['not-found', 'precondition-failed']),
      },
    },
    async ({ params, headers }, reply) => {
      await removePack(app, params.name, { ifMatch: headers['if-match'] });
      return reply.code(204).send();
    },
  );
}

function tagged(reply: FastifyReply, pack: Pack): PackView {
  const view = packView(pack);
  reply.header('etag', etagOf(view));
  return view;
}
