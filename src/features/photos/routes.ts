import multipart from '@fastify/multipart';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf, refuseBlocked } from '../../platform/http/caller.ts';
import { sendFile } from '../../platform/http/file-answer.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { binary, done, served, success } from '../../platform/http/success.ts';
import { describedBody } from './described-body.ts';
import { contentOf } from './content.ts';
import { deletePhoto } from './delete-photo.ts';
import { listPhotos } from './list-photos.ts';
import { PhotoListQuery, PhotoPage, PhotoParams, PhotoSchema, PhotosResult, PhotosUpload } from './schemas.ts';
import { findPhoto } from './store.ts';
import { findOwner } from '../users/store.ts';
import { uploadPhotos } from './upload.ts';
import { photoView } from './view.ts';

const tags = ['photos'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'avatars:write' } as const;
const missing = 'photo of this avatar';

export async function photoRoutes(app: RouteScope): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: false });
  registerUpload(app);
  registerContent(app);

  app.get(
    '/v1/avatars/:id/photos',
    {
      config: read,
      schema: {
        operationId: 'listPhotos',
        summary: 'List the photos of an avatar',
        description: 'Photos in the order of upload.',
        tags,
        params: IdParams,
        querystring: PhotoListQuery,
        response: answers({ 200: PhotoPage }, ['invalid-cursor', 'not-found']),
      },
    },
    async (request) => {
      const page = await listPhotos(app, request.params.id, request.query, reachOf(request.caller));
      return { ...page, data: page.data.map(photoView) };
    },
  );

  app.get(
    '/v1/avatars/:id/photos/:photo_id',
    {
      config: read,
      schema: {
        operationId: 'getPhoto',
        summary: 'Get a photo',
        tags,
        params: PhotoParams,
        response: answers({ 200: PhotoSchema }, ['not-found']),
      },
    },
    async ({ params, caller }) =>
      photoView((await findPhoto(app.db, params.id, params.photo_id, reachOf(caller))) ?? notFound(missing)),
  );

  app.delete(
    '/v1/avatars/:id/photos/:photo_id',
    {
      config: write,
      schema: {
        operationId: 'deletePhoto',
        summary: 'Delete a photo',
        description: 'Deletes the photo and updates counter and status of the avatar; results of trainings are kept.',
        tags,
        params: PhotoParams,
        response: answers({ 204: done }, ['not-found', 'training-running']),
      },
    },
    async (request, reply) => {
      const { id, photo_id } = request.params;
      await deletePhoto(app, id, photo_id, originOf(request));
      return reply.code(204).send();
    },
  );
}

function registerUpload(app: RouteScope): void {
  app.post(
    '/v1/avatars/:id/photos',
    {
      config: { ...write, idempotent: true },
      validatorCompiler: describedBody,
      schema: {
        operationId: 'addPhotos',
        summary: 'Add photos to an avatar',
        description:
          'Each file is checked separately: a file that cannot be used is rejected with a code, and the others are added. ' +
          'When no file is added the answer is 422 with `accepted` and `rejected`, or 429 or 503 when a later upload may succeed. ' +
          'Stored photos are upright, opaque and without metadata.',
        tags,
        consumes: ['multipart/form-data'],
        params: IdParams,
        body: PhotosUpload,
        response: answers({ 201: success('At least one photo was added.', PhotosResult) }, [
          'not-found',
          'training-running',
          'payload-too-large',
          'unsupported-media-type',
          'photos-rejected',
          'storage-unavailable',
          'overloaded',
        ]),
      },
    },
    async (request, reply) => {
      refuseBlocked(await findOwner(app.db, request.params.id));
      return uploadPhotos(app, request.params.id, request, reply);
    },
  );
}

function registerContent(app: RouteScope): void {
  app.get(
    '/v1/avatars/:id/photos/:photo_id/content',
    {
      config: read,
      schema: {
        operationId: 'getPhotoContent',
        summary: 'Download a photo',
        description: 'The stored picture: upright, without metadata.',
        tags,
        params: PhotoParams,
        response: answers(served('The picture.', { 'image/jpeg': binary, 'image/png': binary, 'image/webp': binary }), [
          'not-found',
          'range-not-satisfiable',
          'storage-unavailable',
        ]),
      },
    },
    async (request, reply) => {
      const { id, photo_id } = request.params;
      const photo = (await findPhoto(app.db, id, photo_id, reachOf(request.caller))) ?? notFound(missing);
      // Revalidated each time, so that a deleted photo also disappears from caches.
      reply.headers({ 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' });
      return sendFile(request, reply, contentOf(app, photo));
    },
  );
}
