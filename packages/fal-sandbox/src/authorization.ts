import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';

/**
 * Answers 401 unless the request has the configured key as `Authorization: Key id:secret`; true when it did. The body
 * is one of those observed (fal contract §1.3).
 */
export function refuseWithoutKey(context: Context, request: FastifyRequest, reply: FastifyReply): boolean {
  if (context.key === null || request.headers.authorization === `Key ${context.key}`) return false;
  void reply.code(401).send({ detail: 'invalid key credentials' });
  return true;
}
