import { answers } from '../../platform/http/answers.ts';
import { originOf } from '../../platform/http/caller.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { done } from '../../platform/http/success.ts';
import { deleteAvatar } from './delete-avatar.ts';
import { deleteGeneration } from './delete-generation.ts';
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
          'Deletes the user with all avatars, photos, trained weights and images. The cost record of trainings and generations is kept without personal data.',
        tags: ['users'],
        params: IdParams,
        response: answers({ 204: done }, ['not-found', 'training-running', 'generation-running', 'in-use']),
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
          'Deletes the avatar with its photos, trained weights and images. The cost record of its trainings and generations is kept.',
        tags: ['avatars'],
        params: IdParams,
        headers: PreconditionHeaders('avatar'),
        response: answers({ 204: done }, [
          'not-found',
          'training-running',
          'generation-running',
          'in-use',
          'precondition-failed',
        ]),
      },
    },
    async (request, reply) => {
      const origin = { ...originOf(request), ifMatch: request.headers['if-match'] };
      await deleteAvatar(app, request.params.id, origin);
      return reply.code(204).send();
    },
  );

  app.delete(
    '/v1/generations/:id',
    {
      config: { scope: 'generations:write' },
      schema: {
        operationId: 'deleteGeneration',
        summary: 'Delete a generation',
        description: 'Deletes prompt and images of a generation that has ended. The record of what was paid is kept.',
        tags: ['generations'],
        params: IdParams,
        response: answers({ 204: done }, ['not-found', 'invalid-state']),
      },
    },
    async (request, reply) => {
      await deleteGeneration(app, request.params.id, originOf(request));
      return reply.code(204).send();
    },
  );
}
