import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database, Db } from '../db/client.ts';
import { transact } from '../db/transact.ts';
import { Problem } from '../../errors.ts';
import type { Caller } from '../http/caller.ts';
import type { Wakeups } from '../jobs/wakeups.ts';
import { idsIn } from './erase.ts';
import { findKept, insertKept, type Kept, type RequestName, tryLockRequest } from './store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Hash of the body before defaults were filled in; set when there is an Idempotency-Key. */
    fingerprint: Buffer | null;
  }
  interface FastifyContextConfig {
    /** Declared by every POST: `true` when its response may be replayed, `secret` when it contains a secret. */
    idempotent?: true | 'secret';
  }
}

export type Attempt = RequestName & { method: string; path: string; isSecret: boolean };

type Work = { db: Database; wakeups: Wakeups };

const keptHeaders = ['location', 'etag'];
const json = 'application/json; charset=utf-8';

/**
 * @returns the idempotent request (draft-ietf-httpapi-idempotency-key-header); null without the header. The key may be
 * a quoted string or bare.
 * @throws Problem 400 for an empty key
 */
export function attemptOf(request: FastifyRequest & { caller: Caller }): Attempt | null {
  const header = request.headers['idempotency-key'];
  if (typeof header !== 'string') return null;
  const key = /^".*"$/s.test(header) ? header.slice(1, -1).replaceAll(/\\(.)/g, '$1') : header;
  if (key === '') {
    throw new Problem('invalid-request', 'Idempotency-Key is empty: send a new value for each new request.', {
      errors: [{ field: '/idempotency-key', code: 'too-short', detail: 'is empty' }],
      extensions: { in: 'headers' },
    });
  }
  const [path = ''] = request.url.split('?', 1);
  const isSecret = request.routeOptions.config.idempotent === 'secret';
  return { caller: request.caller.identity, key, method: request.method, path, isSecret };
}

/** A hash of a body, independent of the order of members. */
export function fingerprintOf(body: unknown): Buffer {
  const sorted = (_name: string, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return createHash('sha256')
    .update(JSON.stringify(body, sorted) ?? '')
    .digest();
}

/**
 * Runs a use case so that a repeated request with its Idempotency-Key has no second effect and gets the same response,
 * byte for byte. Effect and response are committed together; a crash before leaves the key unused. Without the header
 * the use case just runs.
 * @param run sets status and headers on the reply and returns the payload; it writes to the given unit of work
 * @throws Problem 409 `idempotency-in-progress`, 409 `idempotency-secret`, 422 `idempotency-mismatch`; what `run`
 * throws, in which case nothing is stored
 */
export async function idempotently<T extends object>(
  app: Work,
  request: FastifyRequest & { caller: Caller },
  reply: FastifyReply,
  run: (unit: Work) => Promise<T>,
): Promise<T | FastifyReply> {
  const attempt = attemptOf(request);
  if (attempt === null) return run({ db: app.db, wakeups: app.wakeups });
  const fingerprint = request.fingerprint ?? fingerprintOf(request.body);
  const earlier = await findKept(app.db, attempt);
  if (earlier) return replay(earlier, attempt, fingerprint, reply);
  const answer = await transact(app, async (tx) => {
    const meanwhile = await claim(tx, attempt);
    if (meanwhile) return meanwhile;
    const unit = { db: tx, wakeups: { ...app.wakeups, wake: tx.wake } };
    return keep(tx, attempt, fingerprint, reply, await run(unit));
  });
  if (typeof answer !== 'string') return replay(answer, attempt, fingerprint, reply);
  return reply.type(json).send(answer);
}

/**
 * Claims a request for this transaction.
 * @returns the stored response, if there is one
 * @throws Problem 409 `idempotency-in-progress` when another transaction has claimed it, without waiting
 */
export async function claim(tx: Db, attempt: Attempt): Promise<Kept | undefined> {
  if (await tryLockRequest(tx, attempt)) return findKept(tx, attempt);
  throw new Problem(
    'idempotency-in-progress',
    'A request with this Idempotency-Key is still running: send it again in a second.',
    { headers: { 'retry-after': '1' } },
  );
}

export async function keep(
  tx: Db,
  { isSecret, ...attempt }: Attempt,
  fingerprint: Buffer,
  reply: FastifyReply,
  payload: object,
): Promise<string> {
  const body = serialized(reply, { ...payload });
  const headers = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name);
    return typeof value === 'string' ? [[name, value]] : [];
  });
  await insertKept(tx, {
    ...attempt,
    request_hash: fingerprint,
    status_code: reply.statusCode,
    headers: Object.fromEntries(headers),
    body: isSecret ? null : Buffer.from(body),
    named_ids: idsIn(attempt.path, body, ...headers.flat()),
  });
  return body;
}

/**
 * Replays a stored response.
 * @throws Problem 422 when the key was used for another request, 409 when it held a secret
 */
export function replay(kept: Kept, attempt: Attempt, fingerprint: Buffer, reply: FastifyReply): FastifyReply {
  const { method, path, request_hash, status_code, headers, body } = kept;
  const isSame = method === attempt.method && path === attempt.path;
  if (!isSame || !request_hash.equals(fingerprint)) {
    const difference = isSame ? 'with another body' : `for ${method} ${path}`;
    throw new Problem(
      'idempotency-mismatch',
      `This Idempotency-Key was used ${difference}: a new request needs a new key, and a repeated one its old body.`,
    );
  }
  if (body === null) {
    const location = headers['location'];
    throw new Problem(
      'idempotency-secret',
      'The request succeeded, and its response contained a secret: if that was lost, undo it and send a new request.',
      { extensions: location ? { location } : {} },
    );
  }
  return reply
    .code(status_code)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .type(json)
    .send(body.toString());
}

// By the response schema, like Fastify's own serialisation.
function serialized(reply: FastifyReply, payload: Record<string, unknown>): string {
  const status = String(reply.statusCode);
  const byType = reply.getSerializationFunction(status, 'application/json') as unknown;
  const serialize = byType ?? reply.getSerializationFunction(status);
  return typeof serialize === 'function' ? serialize(payload) : JSON.stringify(payload);
}
