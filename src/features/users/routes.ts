import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf } from '../../platform/http/caller.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { mergePatch } from '../../platform/http/merge-patch.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { done, success } from '../../platform/http/success.ts';
import { setMainAvatar } from './main-avatar.ts';
import { refuseBeyondProfile } from './profile.ts';
import { patchUser, upsertUser } from './save-user.ts';
import { MainAvatarRequest, UserPatch, UserRequest, UserSchema } from './schemas.ts';
import { findUser } from './store.ts';
import { userView } from './view.ts';

const tags = ['users'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'avatars:write' } as const;

export async function userRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/users',
    {
      config: { ...write, keysOnly: true, idempotent: true },
      schema: {
        operationId: 'upsertUser',
        summary: 'Create or find a user',
        description:
          'Finds the user by `external_id` or `telegram_id` and updates the other members that are given, or creates the user.',
        tags,
        body: UserRequest,
        response: answers(
          {
            200: success('The user was found.', UserSchema),
            201: success('The user was created.', UserSchema, ['Location']),
          },
          ['user-exists'],
        ),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { user, created } = await upsertUser(unit, request.body, { requestId: request.id });
        if (created) reply.code(201).header('location', `/v1/users/${user.id}`);
        return userView(user);
      }),
  );

  app.get(
    '/v1/users/:id',
    {
      config: read,
      schema: {
        operationId: 'getUser',
        summary: 'Get a user',
        tags,
        params: IdParams,
        response: answers({ 200: UserSchema }, ['not-found']),
      },
    },
    async (request) =>
      userView((await findUser(app.db, request.params.id, reachOf(request.caller))) ?? notFound('user')),
  );

  app.patch(
    '/v1/users/:id',
    {
      config: write,
      schema: {
        operationId: 'updateUser',
        summary: 'Update a user',
        description:
          'A JSON merge patch: null clears a member, omitted members stay. A user token may change the profile only: ' +
          'ids and flags need an API key.',
        tags,
        consumes: mergePatch,
        params: IdParams,
        body: UserPatch,
        response: answers({ 200: UserSchema }, ['not-found', 'user-exists', 'key-needed']),
      },
    },
    async (request) => {
      if (request.caller.kind === 'user') refuseBeyondProfile(request.body);
      const origin = originOf(request);
      return userView(await patchUser(app, request.params.id, request.body, origin));
    },
  );

  app.put(
    '/v1/users/:id/main-avatar',
    {
      config: write,
      schema: {
        operationId: 'setMainAvatar',
        summary: 'Set the main avatar of a user',
        description: 'A user has at most one main avatar; it comes first in the list of avatars.',
        tags,
        params: IdParams,
        body: MainAvatarRequest,
        response: answers({ 200: UserSchema }, ['not-found']),
      },
    },
    async (request) => {
      const origin = originOf(request);
      return userView(await setMainAvatar(app, request.params.id, request.body.avatar_id, origin));
    },
  );

  app.delete(
    '/v1/users/:id/main-avatar',
    {
      config: write,
      schema: {
        operationId: 'unsetMainAvatar',
        summary: 'Unset the main avatar of a user',
        tags,
        params: IdParams,
        response: answers({ 204: done }, ['not-found']),
      },
    },
    async (request, reply) => {
      await setMainAvatar(app, request.params.id, null, originOf(request));
      return reply.code(204).send();
    },
  );
}
