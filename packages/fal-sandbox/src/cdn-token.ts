import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';

/**
 * A CDN token valid until `expiresAt`, derived from the key, so that it survives a restart.
 * @param expiresAt ms since 1970, by the machine's clock, which is the client's
 */
export function cdnTokenOf({ key }: Context, expiresAt: number): string {
  const hash = createHash('sha256').update(`cdn ${key} ${expiresAt}`).digest('base64url');
  return `${expiresAt}.${hash}`;
}

/** Answers 401 unless the request has a valid token of {@link cdnTokenOf}; true when it did. */
export function refuseWithoutToken(context: Context, request: FastifyRequest, reply: FastifyReply): boolean {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const expiresAt = Number(token.split('.')[0]);
  if (expiresAt > Date.now() && token === cdnTokenOf(context, expiresAt)) return false;
  void reply.code(401).send({ detail: 'Invalid or expired token' });
  return true;
}
