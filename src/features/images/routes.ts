import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf } from '../../platform/http/caller.ts';
import { notModified } from '../../platform/http/etag.ts';
import { mergePatch } from '../../platform/http/merge-patch.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams, PreconditionHeaders } from '../../platform/http/schemas.ts';
import { done, success, unmodified } from '../../platform/http/success.ts';
import { deleteImage } from './delete-image.ts';
import { listImages } from './list-images.ts';
import { patchImage } from './patch-image.ts';
import { ImageListQuery, ImagePage, ImagePatch, ImageSchema } from './schemas.ts';
import { findImage } from './store.ts';
import { imageView, tagged } from './view.ts';

const tags = ['images'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'generations:write' } as const;

export async function imageRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/images',
    {
      config: read,
      schema: {
        operationId: 'listImages',
        summary: 'List images',
        description: 'Newest first. Images without a picture are listed by their `status` alone.',
        tags,
        querystring: ImageListQuery,
        response: answers({ 200: ImagePage }, ['invalid-cursor']),
      },
    },
    async (request) => {
      const { user_id, avatar_id, generation_id, favorite, status, ...asked } = request.query;
      const filter = { userId: user_id, avatarId: avatar_id, generationId: generation_id, favorite, status };
      const page = await listImages(app, filter, asked, reachOf(request.caller));
      return { ...page, data: page.data.map((image) => imageView(app, image)) };
    },
  );

  app.get(
    '/v1/images/:id',
    {
      config: read,
      schema: {
        operationId: 'getImage',
        summary: 'Get an image',
        description: 'With `If-None-Match`, answers 304 when the image still has the version that the ETag names.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The image.', ImageSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const image = await findImage(app.db, request.params.id, reachOf(request.caller));
      const body = tagged(app, reply, image ?? notFound('image'));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.patch(
    '/v1/images/:id',
    {
      config: write,
      schema: {
        operationId: 'updateImage',
        summary: 'Update an image',
        description: 'Makes it a favourite, which is kept when the retention of generations is over, or no longer.',
        tags,
        consumes: mergePatch,
        params: IdParams,
        headers: PreconditionHeaders('image'),
        body: ImagePatch,
        response: answers({ 200: success('The updated image.', ImageSchema, ['ETag']) }, [
          'not-found',
          'image-flagged',
          'image-unavailable',
          'precondition-failed',
        ]),
      },
    },
    async (request, reply) => {
      const origin = { ...reachOf(request.caller), ifMatch: request.headers['if-match'] };
      return tagged(app, reply, await patchImage(app, request.params.id, request.body.favorite, origin));
    },
  );

  app.delete(
    '/v1/images/:id',
    {
      config: write,
      schema: {
        operationId: 'deleteImage',
        summary: 'Delete an image',
        description: 'Deletes the picture and its thumbnail. A preview that was made of it stays.',
        tags,
        params: IdParams,
        headers: PreconditionHeaders('image'),
        response: answers({ 204: done }, ['not-found', 'precondition-failed']),
      },
    },
    async (request, reply) => {
      await deleteImage(app, request.params.id, { ...originOf(request), ifMatch: request.headers['if-match'] });
      return reply.code(204).send();
    },
  );
}
