import type { ServerResponse } from 'node:http';
import { MIMEType } from 'node:util';
import type { FastifyRequest, RequestPayload } from 'fastify';
import { Problem } from '../../errors.ts';
import { pointerTo } from './invalid-request.ts';
import type { RouteScope } from './route-scope.ts';

const types = ['application/json', 'application/merge-patch+json'];
const mostDeep = 32;
const mostValues = 10_000;
// Of a body with 64 KB; fal's webhooks have as long.
const patienceMs = 30_000;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Makes the routes of a scope accept only JSON (RFC 8259). An empty body counts as none whatever its content type,
 * since many clients always send one.
 */
export function acceptJson(scope: RouteScope): void {
  scope.removeAllContentTypeParsers();
  scope.addHook('preParsing', async (request, reply, body) => {
    refuseEncoded(request);
    // Other bodies are photos, whose time is the request's.
    if (types.some((type) => request.headers['content-type']?.startsWith(type))) limitTime(body, reply.raw);
    return body;
  });
  scope.addContentTypeParser(types, { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length === 0) return undefined;
    refuseOtherCharsets(request);
    return readJson(bytes);
  });
  scope.addContentTypeParser('*', async ({ headers }: FastifyRequest) => {
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return undefined;
    throw new Problem(
      'unsupported-media-type',
      `The content type ${headers['content-type'] ?? '(none)'} is not supported here: send JSON as application/json.`,
    );
  });
}

// The body stays readable, so that the answer is sent before the connection is closed.
function limitTime(body: RequestPayload, answer: ServerResponse): void {
  const detail = `The body took more than ${patienceMs / 1000} seconds to arrive.`;
  const late = new Problem('request-timeout', detail, { headers: { connection: 'close' } });
  const timer = setTimeout(() => body.emit('error', late), patienceMs);
  for (const end of ['end', 'close', 'error']) body.once(end, () => clearTimeout(timer));
  // A body that is refused by its length is never read, and has no end.
  answer.once('close', () => clearTimeout(timer));
}

/**
 * @param bytes JSON in UTF-8; of duplicate members the last counts
 * @returns a value at most 32 levels deep, with at most 10,000 values and text that PostgreSQL can store
 * @throws Problem 400
 */
export function readJson(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('The body is not valid JSON.', error);
    throw unreadable('The body is not valid UTF-8: JSON is sent in UTF-8 (RFC 8259 §8.1).', error);
  }
  checkValues(value);
  return value;
}

function checkValues(value: unknown): void {
  const way: (string | number)[] = [];
  let count = 0;
  const checkMembers = (members: Iterable<[string | number, unknown]>): void => {
    if (way.length === mostDeep) throw unreadable(`The body is more than ${mostDeep} lists and objects deep.`);
    for (const [name, member] of members) {
      way.push(name);
      if (typeof name === 'string') checkText(name, way);
      if (name === '__proto__') throw faulty(way, 'unknown-member', 'is never taken');
      check(member);
      way.pop();
    }
  };
  const check = (one: unknown): void => {
    count += 1;
    if (count > mostValues) throw unreadable(`The body holds more than ${mostValues.toLocaleString('en')} values.`);
    if (typeof one === 'string') return checkText(one, way);
    if (typeof one === 'number' && !Number.isFinite(one)) {
      throw faulty(way, 'too-large', 'is a number that is too large: numbers go to about 1.8e308');
    }
    if (typeof one !== 'object' || one === null) return;
    checkMembers(Array.isArray(one) ? one.entries() : Object.entries(one));
  };
  check(value);
}

function checkText(text: string, way: readonly (string | number)[]): void {
  if (text.includes('\0')) {
    throw faulty(way, 'invalid-text', 'holds the character U+0000, which cannot be stored: leave it out');
  }
  if (!text.isWellFormed()) {
    throw faulty(way, 'invalid-text', 'holds half of a surrogate pair, which is no character: send the whole pair');
  }
}

function faulty(way: readonly (string | number)[], code: string, detail: string): Problem {
  const field = `/${way.map((name) => pointerTo(String(name))).join('/')}`;
  return new Problem('invalid-request', `body: ${field} ${detail}.`, {
    errors: [{ field, code, detail }],
    extensions: { in: 'body' },
  });
}

function unreadable(detail: string, cause?: unknown): Problem {
  return new Problem('invalid-request', detail, { extensions: { in: 'body' }, cause });
}

function refuseEncoded({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const encoding = headers['content-encoding'];
  if (encoding === undefined || /^(?:identity)?$/i.test(encoding)) return;
  throw new Problem(
    'unsupported-media-type',
    `The content encoding ${encoding} is not supported here: send the body without Content-Encoding.`,
  );
}

function refuseOtherCharsets({ headers }: FastifyRequest): void {
  const type = headers['content-type'] ?? '';
  const charset = type.includes(';') ? charsetOf(type) : null;
  if (charset === null || /^(?:utf-?8|us-ascii)$/i.test(charset)) return;
  throw new Problem('unsupported-media-type', `The charset ${charset} is not supported here: send JSON in UTF-8.`);
}

function charsetOf(type: string): string | null {
  try {
    return new MIMEType(type).params.get('charset');
  } catch {
    return null;
  }
}
