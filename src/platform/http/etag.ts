import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../errors.ts';

/**
 * @param answer the response body; its member order counts
 * @returns a strong entity tag (RFC 9110 §8.8.3) that changes exactly when the body does
 */
export function etagOf(answer: object): string {
  return `"${hash('sha256', JSON.stringify(answer), 'base64url').slice(0, 22)}"`;
}

export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch, etag);
}

/**
 * Answers 304 when the client already has the state that the reply's ETag names.
 * @returns whether it did; no body may be sent then
 */
export function notModified({ headers }: FastifyRequest, reply: FastifyReply): boolean {
  if (!isFresh(headers['if-none-match'], String(reply.getHeader('etag')))) return false;
  reply.code(304);
  return true;
}

/**
 * Enforces If-Match (RFC 9110 §13.1.1). A weak form of our tag matches: compressing proxies weaken tags.
 * @param ifMatch the If-Match header; without it nothing is enforced
 * @param etag the current state, read under the row lock
 * @throws Problem 412 `precondition-failed`
 */
export function checkIfMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || names(ifMatch, etag)) return;
  throw new Problem(
    'precondition-failed',
    'The resource has changed since the state in If-Match: read it again, and repeat the change if it still makes sense.',
    { headers: { etag } },
  );
}

function names(header: string, etag: string): boolean {
  return header.trim() === '*' || (header.match(/"[^"]*"/g) ?? []).some((tag) => tag === etag);
}
