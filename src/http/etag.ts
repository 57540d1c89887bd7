import { hash } from 'node:crypto';
import { Problem } from '../errors.ts';

/**
 * @param answer an object that is answered, made by the one function that makes such answers: the order of its members
 * counts
 * @returns a strong entity tag (RFC 9110 §8.8.3) for it: it changes exactly when the answer does
 */
export function etagOf(answer: object): string {
  return `"${hash('sha256', JSON.stringify(answer), 'base64url').slice(0, 22)}"`;
}

/** @returns whether an If-None-Match header says that the client has this state already */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  return (
    ifNoneMatch !== undefined && tagsOf(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag)
  );
}

/**
 * Lets a change happen only to the state the client has read.
 * @param ifMatch the If-Match header; anything goes when it is left out
 * @param etag what the resource is now, read under its lock
 * @throws Problem 412 `precondition-failed`
 */
export function checkIfMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || tagsOf(ifMatch).some((tag) => tag === '*' || tag === etag)) return;
  throw new Problem(
    'precondition-failed',
    'The resource is no longer what If-Match names: read it again, and repeat the change if it still makes sense.',
    { headers: { etag } },
  );
}

function tagsOf(header: string): string[] {
  return header.match(/\*|(?:W\/)?"[^"]*"/g) ?? [];
}
