import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../errors.ts';

/**
 * @param answer an object that is answered, made by the one function that makes such answers: the order of its members
 * counts
 * @returns a strong entity tag (RFC 9110 §8.8.3) for it: it changes exactly when the answer does
 */
export function etagOf(answer: object): string {
  return `"${hash('sha256', JSON.stringify(answer), 'base64url').slice(0, 22)}"`;
}

/** @returns whether an If-None-Match header says that the client has this state already (RFC 9110 §13.1.2) */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch, etag);
}

/**
 * Answers 304 when the client has the state already that the reply's ETag names.
 * @returns whether it has; nothing is to be sent then
 */
export function notModified({ headers }: FastifyRequest, reply: FastifyReply): boolean {
  if (!isFresh(headers['if-none-match'], String(reply.getHeader('etag')))) return false;
  reply.code(304);
  return true;
}

/**
 * Lets a change happen only to the state the client has read (RFC 9110 §13.1.1). A tag of ours that was made weak counts:
 * what compresses answers on their way makes it so, and clients behind it know no other.
 * @param ifMatch the If-Match header; anything goes when it is left out
 * @param etag what the resource is now, read under its lock
 * @throws Problem 412 `precondition-failed`
 */
export function checkIfMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || names(ifMatch, etag)) return;
  throw new Problem(
    'precondition-failed',
    'The resource is no longer what If-Match names: read it again, and repeat the change if it still makes sense.',
    { headers: { etag } },
  );
}

function names(header: string, etag: string): boolean {
  return header.trim() === '*' || (header.match(/"[^"]*"/g) ?? []).some((tag) => tag === etag);
}
