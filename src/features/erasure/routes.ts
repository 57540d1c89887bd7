import { answers } from '../../platform/http/answers.ts';
import { originOf } from '../../platform/http/caller.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { done } from '../../platform/http/success.ts';
import { deleteAvatar } from './delete-avatar.ts';
import { deleteUser } from './delete-user.ts';

const write = { scope: 'avatars:write' } as const;

export async function erasureRoutes(app: RouteScope): Promise<void> {
  app.delete(
    '/v1/users/:id',
    {
      config: write,
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete a user',
        description:
          'Deletes the user with all avatars, photos and trained weights. The cost record of the trainings is kept without personal data.',
        tags: ['users'],
        params: IdParams,
        response: answers({ 204: done }, ['not-found', 'training-running', 'in-use']),
      },
    },
    async (request, reply) => {
      await deleteUser(app, request.params.id, originOf(request));
      return reply.code(204).send();
    },
  );

  app.delete(
    '/v1/avatars/:id',
    {
      config: write,
      schema: {
        operationId: 'deleteAvatar',
        summary: 'Delete an avatar',
        description:
          'Deletes the avatar with its photos and trained weights. The cost record of its trainings is kept.',
        tags: ['avatars'],
        params: IdParams,
        headers: PreconditionHeaders('avatar'),
        response: answers({ 204: done }, ['not-found', 'training-running', 'in-use', 'precondition-failed']),
      },
    },
    async (request, reply) => {
      const origin = { ...originOf(request), ifMatch: request.headers['if-match'] };
      await deleteAvatar(app, request.params.id, origin);
      return reply.code(204).send();
    },
  );
}
