import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';

/**
 * Makes a token for the CDN that holds until a time. It is worked out from the key and that time, so that another start
 * of the sandbox knows it again.
 * @param expiresAt ms since 1970, by the machine's clock, which is the client's
 */
export function cdnTokenOf({ key }: Context, expiresAt: number): string {
  const hash = createHash('sha256').update(`cdn ${key} ${expiresAt}`).digest('base64url');
  return `${expiresAt}.${hash}`;
}

/** Answers 401 when a request bears no token of {@link cdnTokenOf} that still holds, and tells whether it did so. */
export function refuseWithoutToken(context: Context, request: FastifyRequest, reply: FastifyReply): boolean {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const expiresAt = Number(token.split('.')[0]);
  if (expiresAt > Date.now() && token === cdnTokenOf(context, expiresAt)) return false;
  void reply.code(401).send({ detail: 'Invalid or expired token' });
  return true;
}
