import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { answers, problemAnswers } from '../../platform/http/answers.ts';
import { reachOf } from '../../platform/http/caller.ts';
import { sendFile } from '../../platform/http/file-answer.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { checkLink, limitKeyOf, makeLink, SignedQuery } from '../../platform/http/signed-link.ts';
import { binary, served } from '../../platform/http/success.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { fileOf, refuseWithoutPicture } from './content.ts';
import { type ImageFile, ImageFileParams, ImageLink, ImageLinkRequest } from './schemas.ts';
import { findImage, type Image } from './store.ts';

const tags = ['images'];
const read = { scope: 'avatars:read' } as const;
const pictures = { 'image/jpeg': binary, 'image/png': binary };
const faults = [
  'image-flagged',
  'image-unavailable',
  'not-found',
  'range-not-satisfiable',
  'storage-unavailable',
] as const;

export async function imageFileRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/images/:id/content',
    {
      config: read,
      schema: {
        operationId: 'getImageContent',
        summary: 'Download an image',
        description:
          'The picture as fal made it, without its metadata, and marked as made by AI (XMP, `trainedAlgorithmicMedia`).',
        tags,
        params: IdParams,
        response: answers(served('The picture.', pictures), [...faults]),
      },
    },
    async (request, reply) => {
      const image = (await findImage(app.db, request.params.id, reachOf(request.caller))) ?? notFound('image');
      return sendPicture(app, image, 'content', request, reply);
    },
  );

  app.get(
    '/v1/images/:id/thumbnail',
    {
      config: read,
      schema: {
        operationId: 'getImageThumbnail',
        summary: 'Download the thumbnail of an image',
        description: 'WebP, the longer side 512 pixels at most.',
        tags,
        params: IdParams,
        response: answers(served('The thumbnail.', { 'image/webp': binary }), [...faults]),
      },
    },
    async (request, reply) => {
      const image = (await findImage(app.db, request.params.id, reachOf(request.caller))) ?? notFound('image');
      return sendPicture(app, image, 'thumbnail', request, reply);
    },
  );

  app.post(
    '/v1/images/:id/link',
    {
      config: { ...read, idempotent: true },
      schema: {
        operationId: 'linkImage',
        summary: 'Create a signed link to an image',
        description:
          'A link that needs no key, for a browser or a messenger. It expires after `expires_in` seconds, or earlier with ' +
          'the key or token that creates it, and is void once the key is revoked.',
        tags,
        params: IdParams,
        body: ImageLinkRequest,
        response: answers({ 201: ImageLink }, ['not-found', 'image-flagged', 'image-unavailable']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async ({ db }) => {
        const { id } = request.params;
        refuseWithoutPicture((await findImage(db, id, reachOf(request.caller))) ?? notFound('image'));
        reply.code(201);
        const { file, expires_in } = request.body;
        return makeLink(app, request.caller, 'image', [id, file], expires_in);
      }),
  );
}

/** Signed links, outside /v1: they need no key. */
export async function signedImageRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/images/:id/:file',
    {
      config: { rateLimit: { keyGenerator: (request) => limitKeyOf(app, 'image', ['id', 'file'], request) } },
      schema: {
        operationId: 'getLinkedImage',
        summary: 'Download an image by a signed link',
        security: [],
        tags,
        params: ImageFileParams,
        querystring: SignedQuery,
        response: {
          ...served('The picture, or its thumbnail.', { ...pictures, 'image/webp': binary }),
          ...problemAnswers([...faults, 'invalid-request', 'rate-limited', 'internal-error']),
        },
      },
    },
    async (request, reply) => {
      const { id, file } = request.params;
      await checkLink(app, 'image', [id, file], request.query);
      // Pages of other origins show it; who has the link may read it.
      reply.header('cross-origin-resource-policy', 'cross-origin');
      return sendPicture(app, (await findImage(app.db, id)) ?? notFound('file'), file, request, reply);
    },
  );
}

async function sendPicture(
  app: Pick<Context, 'storage'>,
  image: Image,
  file: ImageFile,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  refuseWithoutPicture(image);
  reply.header('cache-control', 'private, max-age=31536000, immutable');
  return sendFile(request, reply, fileOf(app, image, file));
}
