import { batched } from '../../platform/async/batch.ts';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf, refuseOwnPriority } from '../../platform/http/caller.ts';
import { notModified } from '../../platform/http/etag.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { mergePatch } from '../../platform/http/merge-patch.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { success, unmodified } from '../../platform/http/success.ts';
import { createAvatar } from './create-avatar.ts';
import { listAvatars } from './list-avatars.ts';
import { patchAvatar } from './patch-avatar.ts';
import { AvatarListQuery, AvatarPage, AvatarPatch, AvatarRequest, AvatarSchema } from './schemas.ts';
import { type AskedAvatar, findAvatarDetails, findDraft } from './store.ts';
import { avatarSummaryView, tagged } from './view.ts';

const tags = ['avatars'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'avatars:write' } as const;
const readsInStatement = 100;

export async function avatarRoutes(app: RouteScope): Promise<void> {
  const readAvatar = batched((asked: AskedAvatar[]) => findAvatarDetails(app.db, asked), {
    size: (waiting) => Math.min(waiting.length, readsInStatement),
  });

  app.post(
    '/v1/avatars',
    {
      config: { ...write, idempotent: true },
      schema: {
        operationId: 'createAvatar',
        summary: 'Create an avatar',
        description:
          'Creates a draft without photos. The training type decides how many photos the avatar needs, and never changes.',
        tags,
        body: AvatarRequest,
        response: answers({ 201: success('The avatar was created.', AvatarSchema, ['Location', 'ETag']) }, [
          'not-found',
          'quota-exceeded',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const origin = originOf(request);
        const avatar = await createAvatar({ ...unit, config: app.config }, request.body, origin);
        reply.code(201).header('location', `/v1/avatars/${avatar.id}`);
        return tagged(app, reply, avatar);
      }),
  );

  app.get(
    '/v1/avatars',
    {
      config: read,
      schema: {
        operationId: 'listAvatars',
        summary: 'List avatars',
        description: 'Newest first; with `user_id`, the main avatar of the user comes before them.',
        tags,
        querystring: AvatarListQuery,
        response: answers({ 200: AvatarPage }, ['invalid-cursor']),
      },
    },
    async (request) => {
      const { user_id: userId, status: statuses, training_type: trainingType, ...asked } = request.query;
      const filter = { userId, statuses, trainingType };
      const page = await listAvatars(app, filter, asked, reachOf(request.caller));
      return { ...page, data: page.data.map((avatar) => avatarSummaryView(app, avatar)) };
    },
  );

  app.get(
    '/v1/avatars/:id',
    {
      config: read,
      schema: {
        operationId: 'getAvatar',
        summary: 'Get an avatar',
        description: 'With `If-None-Match`, answers 304 when the avatar still has the version that the ETag names.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The avatar.', AvatarSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const avatar = await readAvatar({ id: request.params.id, ...reachOf(request.caller) });
      const body = tagged(app, reply, avatar ?? notFound('avatar'));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.get(
    '/v1/users/:id/draft',
    {
      config: read,
      schema: {
        operationId: 'getDraft',
        summary: 'Get the draft of a user',
        description:
          'The newest avatar of the user that is in preparation and was never trained; 404 when there is none.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The avatar.', AvatarSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { userId = id } = reachOf(request.caller);
      const draft = userId === id ? await findDraft(app.db, userId) : undefined;
      const body = tagged(app, reply, draft ?? notFound('draft'));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.patch(
    '/v1/avatars/:id',
    {
      config: write,
      schema: {
        operationId: 'updateAvatar',
        summary: 'Update an avatar',
        description: 'A JSON merge patch. The training type never changes; `fal_priority` needs an API key.',
        tags,
        consumes: mergePatch,
        params: IdParams,
        headers: PreconditionHeaders('avatar'),
        body: AvatarPatch,
        response: answers({ 200: success('The updated avatar.', AvatarSchema, ['ETag']) }, [
          'not-found',
          'precondition-failed',
          'key-needed',
        ]),
      },
    },
    async (request, reply) => {
      refuseOwnPriority(request.caller, request.body);
      const origin = { ...originOf(request), ifMatch: request.headers['if-match'] };
      return tagged(app, reply, await patchAvatar(app, request.params.id, request.body, origin));
    },
  );
}
