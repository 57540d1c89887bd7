import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { notFound } from '../../errors.ts';
import { addressKey } from '../../platform/http/address-key.ts';
import { problemAnswers } from '../../platform/http/answers.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { binary, served } from '../../platform/http/success.ts';
import { Closed, IdParams } from '../../platform/http/schemas.ts';
import { sendArtifact } from '../trainings/artifact-routes.ts';
import { findTraining } from '../trainings/store.ts';
import { isSignedLoraLink } from './link.ts';

const SignedLoraQuery = Closed({ expires: Type.Integer(), signature: Type.String({ maxLength: 100 }) });

/** Signed links for fal, outside /v1: they need no key. */
export async function signedLoraRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/loras/:id/lora.safetensors',
    {
      // Valid links are limited one by one, guesses by client address.
      config: { rateLimit: { keyGenerator: (request) => nameOfLink(app, request) } },
      schema: {
        operationId: 'getLinkedLora',
        summary: 'Download a LoRA by the link that fal is given',
        description: 'Only with LORA_LINKS=signed does fal get such links. They end with the avatar.',
        security: [],
        tags: ['artifacts'],
        params: IdParams,
        querystring: SignedLoraQuery,
        response: {
          ...served('The safetensors file.', { 'application/octet-stream': binary }),
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
      const { id } = request.params;
      // An unauthorised caller learns nothing from the response.
      if (!isSignedLoraLink(app, id, request.query)) notFound('file');
      return sendArtifact(app, (await findTraining(app.db, id)) ?? notFound('file'), 'lora', request, reply);
    },
  );
}

function nameOfLink(app: RouteScope, request: FastifyRequest): string {
  const { id = '' } = request.params as Record<string, string>;
  const { expires, signature } = request.query as Record<string, unknown>;
  const isValid = isSignedLoraLink(app, id, { expires: Number(expires), signature: String(signature) });
  return isValid ? `lora ${id}` : addressKey(request);
}
