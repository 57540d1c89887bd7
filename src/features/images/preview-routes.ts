import type { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf } from '../../platform/http/caller.ts';
import { etagOf } from '../../platform/http/etag.ts';
import { sendFile, type ServedFile } from '../../platform/http/file-answer.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { binary, done, served } from '../../platform/http/success.ts';
import { StorageError } from '../../platform/storage/storage.ts';
import { type Avatar, findAvatar } from '../avatars/store.ts';
import { contentOf } from '../photos/content.ts';
import { formatNamed, formats } from '../photos/rules.ts';
import { listPhotos } from '../photos/store.ts';
import { removePreview, setPreview } from './preview.ts';
import { PreviewRequest } from './schemas.ts';

const tags = ['avatars'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'avatars:write' } as const;

export async function previewRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/avatars/:id/preview',
    {
      config: read,
      schema: {
        operationId: 'getPreview',
        summary: 'Download the preview of an avatar',
        description: 'The chosen image, or else the first photo; 404 when there is neither.',
        tags,
        params: IdParams,
        response: answers(served('The picture.', { 'image/jpeg': binary, 'image/png': binary, 'image/webp': binary }), [
          'not-found',
          'range-not-satisfiable',
          'storage-unavailable',
        ]),
      },
    },
    async (request, reply) => {
      const avatar = (await findAvatar(app.db, request.params.id, reachOf(request.caller))) ?? notFound('avatar');
      const file = (await chosen(app, avatar)) ?? (await firstPhoto(app, avatar)) ?? notFound('preview of this avatar');
      // Revalidated each time, since another may be chosen.
      reply.headers({ 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' });
      return sendFile(request, reply, file);
    },
  );

  app.put(
    '/v1/avatars/:id/preview',
    {
      config: write,
      schema: {
        operationId: 'setPreview',
        summary: 'Set the preview of an avatar',
        description:
          'Keeps a copy of an image of the avatar, of 512 pixels at most, until another is chosen or the avatar is deleted.',
        tags,
        params: IdParams,
        body: PreviewRequest,
        response: answers({ 204: done }, ['not-found', 'image-flagged', 'image-unavailable', 'storage-unavailable']),
      },
    },
    async (request, reply) => {
      await setPreview(app, request.params.id, request.body.image_id, originOf(request));
      return reply.code(204).send();
    },
  );

  app.delete(
    '/v1/avatars/:id/preview',
    {
      config: write,
      schema: {
        operationId: 'removePreview',
        summary: 'Delete the preview of an avatar',
        description: 'The first photo is shown instead. Succeeds too when no image was chosen.',
        tags,
        params: IdParams,
        response: answers({ 204: done }, ['not-found']),
      },
    },
    async (request, reply) => {
      await removePreview(app, request.params.id, originOf(request));
      return reply.code(204).send();
    },
  );
}

type Needs = Pick<Context, 'db' | 'storage'>;

// Keys of adopted avatars may name what the store does not hold.
async function chosen({ storage }: Needs, { preview_key: key }: Avatar): Promise<ServedFile | null> {
  if (!key || !(await exists(storage, key))) return null;
  const format = formatNamed(key.split('.').at(-1)?.toLowerCase() ?? '');
  const open = (): Promise<Readable> => storage.stream(key);
  const type = format ? formats[format].contentType : 'application/octet-stream';
  return { etag: etagOf({ key }), size: null, headers: { 'content-type': type }, open };
}

async function exists(storage: Context['storage'], key: string): Promise<boolean> {
  try {
    return await storage.exists(key);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'missing') return false;
    throw error;
  }
}

async function firstPhoto({ db, storage }: Needs, { id }: Avatar): Promise<ServedFile | null> {
  const [photo] = await listPhotos(db, id, { after: null, limit: 1 });
  return photo ? contentOf({ storage }, photo) : null;
}
