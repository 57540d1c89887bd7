import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';

/**
 * Answers 401 when a key is configured and the request does not bear it as `Authorization: Key id:secret`, and tells
 * whether it did so. The wording of the body is one of those seen (fal contract §1.3).
 */
export function refuseWithoutKey(context: Context, request: FastifyRequest, reply: FastifyReply): boolean {
  if (context.key === null || request.headers.authorization === `Key ${context.key}`) return false;
  void reply.code(401).send({ detail: 'invalid key credentials' });
  return true;
}
