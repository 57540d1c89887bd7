import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { answers, problemAnswers } from '../../platform/http/answers.ts';
import { reachOf } from '../../platform/http/caller.ts';
import { sendFile } from '../../platform/http/file-answer.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { checkLink, limitKeyOf, LinkRequest, makeLink, SignedQuery } from '../../platform/http/signed-link.ts';
import { binary, served } from '../../platform/http/success.ts';
import { artifactOf, openArtifact } from './artifacts.ts';
import { type ArtifactKind, ArtifactLink, ArtifactParams } from './schemas.ts';
import { findTraining, type Training } from './store.ts';

const tags = ['artifacts'];
const read = { scope: 'avatars:read' } as const;
const file = served('The file; JSON for the kind `config`.', {
  'application/octet-stream': binary,
  'application/json': { schema: Type.Unknown({ examples: [{}] }) },
});

export async function artifactRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/trainings/:id/artifacts/:kind',
    {
      config: read,
      schema: {
        operationId: 'getArtifact',
        summary: 'Download an artifact of a training',
        description:
          '`lora` is the safetensors file, `config` its JSON. A download that was cut off goes on by `Range`, with the ETag as `If-Range`.',
        tags,
        params: ArtifactParams,
        response: answers(file, ['not-found', 'artifact-unavailable', 'range-not-satisfiable', 'storage-unavailable']),
      },
    },
    async (request, reply) => {
      const training = (await findTraining(app.db, request.params.id, reachOf(request.caller))) ?? notFound('training');
      return sendArtifact(app, training, request.params.kind, request, reply);
    },
  );

  app.post(
    '/v1/trainings/:id/artifacts/:kind/link',
    {
      config: { ...read, idempotent: true },
      schema: {
        operationId: 'linkArtifact',
        summary: 'Create a signed link to an artifact of a training',
        description:
          'A link that needs no key, for fal (as the `path` of a LoRA) or a browser. It expires after `expires_in` seconds, or ' +
          'earlier with the key or token that creates it, and is void once the key is revoked.',
        tags,
        params: ArtifactParams,
        body: LinkRequest,
        response: answers({ 201: ArtifactLink }, ['not-found', 'artifact-unavailable']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async ({ db }) => {
        const { id, kind } = request.params;
        artifactOf((await findTraining(db, id, reachOf(request.caller))) ?? notFound('training'), kind);
        reply.code(201);
        return makeLink(app, request.caller, 'artifact', [id, kind], request.body.expires_in);
      }),
  );
}

/** Signed links, outside /v1: they need no key. */
export async function signedArtifactRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/artifacts/:id/:kind',
    {
      config: { rateLimit: { keyGenerator: (request) => limitKeyOf(app, 'artifact', ['id', 'kind'], request) } },
      schema: {
        operationId: 'getLinkedArtifact',
        summary: 'Download an artifact by a signed link',
        security: [],
        tags,
        params: ArtifactParams,
        querystring: SignedQuery,
        response: {
          ...file,
          ...problemAnswers([
            'artifact-unavailable',
            'invalid-request',
            'not-found',
            'range-not-satisfiable',
            'rate-limited',
            'internal-error',
            'storage-unavailable',
          ]),
        },
      },
    },
    async (request, reply) => {
      const { id, kind } = request.params;
      await checkLink(app, 'artifact', [id, kind], request.query);
      return sendArtifact(app, (await findTraining(app.db, id)) ?? notFound('file'), kind, request, reply);
    },
  );
}

export async function sendArtifact(
  app: Pick<Context, 'storage'>,
  training: Training,
  kind: ArtifactKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const artifact = artifactOf(training, kind);
  const name = kind === 'lora' ? `${training.id}.safetensors` : `${training.id}.json`;
  reply.header('cache-control', 'private, max-age=31536000, immutable');
  return sendFile(request, reply, {
    etag: `"${artifact.sha256}"`,
    size: artifact.size,
    headers: {
      'content-type': artifact.content_type,
      'content-disposition': `attachment; filename="${name}"`,
    },
    open: (range) => openArtifact(app, artifact, range),
  });
}
