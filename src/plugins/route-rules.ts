import type { FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { Problem, type ProblemCode } from '../errors.ts';
import { withProblems } from '../platform/http/answers.ts';
import { type Caller, hasScope, type Scope } from '../platform/http/caller.ts';
import { fingerprintOf } from '../platform/idempotency/idempotency.ts';
import { Closed, mayBeEmpty } from '../platform/http/schemas.ts';
import { Printable } from '../platform/http/text.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
    /** For API keys only, since the effect reaches beyond one user. */
    keysOnly?: true;
  }
}

type Headers = { properties?: Record<string, object> };

const idempotencyKey = Type.Optional(
  Printable({
    maxLength: 255,
    description:
      'A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets ' +
      'the same answer, with `Idempotency-Replayed: true`.',
  }),
);

/**
 * Adds what all routes of the authenticated scope share.
 * @throws Error at start when a route declares no scope, or a POST does not declare `idempotent`
 */
export function completeRoute(route: RouteOptions, { requireIfMatch }: { requireIfMatch: boolean }): void {
  const { scope, keysOnly, idempotent } = route.config ?? {};
  const name = `${String(route.method)} ${route.url}`;
  if (!scope) throw new Error(`${name} states no scope: give it config: { scope: … }`);
  const isPost = route.method === 'POST';
  if (isPost && !idempotent) throw new Error(`${name} can't be repeated: give it config: { idempotent: … }`);
  const { headers, response, ...schema } = route.schema ?? {};
  const known = { ...(headers as Headers | undefined) };
  if (isPost) known.properties = { ...known.properties, 'idempotency-key': idempotencyKey };
  const isGuarded = known.properties !== undefined && 'if-match' in known.properties;
  route.schema = {
    // Unknown query parameters are refused, also where a route has none.
    querystring: Closed({}),
    ...schema,
    ...(known.properties && { headers: { type: 'object', ...known } }),
    response: withProblems(response as Record<string, object>, [
      ...(keysOnly ? keysOnlyProblems : []),
      ...(isPost ? idempotencyProblems : []),
      ...(isGuarded ? guardProblems : []),
      ...(route.method === 'GET' || route.method === 'HEAD' ? [] : bodyProblems),
    ]),
    security: [{ key: [scope] }],
  };
  // After the rate limiter: refused requests count too.
  addHook(route, 'onRequest', async ({ caller }) => refuseUnless(caller, scope, keysOnly));
  if (mayBeEmpty(schema.body)) addHook(route, 'preValidation', fillEmptyBody);
  if (isPost) addHook(route, 'preValidation', noteFingerprint);
  const mayCreate = known.properties !== undefined && 'if-none-match' in known.properties;
  if (isGuarded && requireIfMatch) addHook(route, 'preValidation', refuseUnguarded(mayCreate));
}

const keysOnlyProblems: ProblemCode[] = ['key-needed'];
const idempotencyProblems: ProblemCode[] = ['idempotency-in-progress', 'idempotency-secret', 'idempotency-mismatch'];
const guardProblems: ProblemCode[] = ['precondition-required'];
const bodyProblems: ProblemCode[] = ['payload-too-large', 'request-timeout', 'unsupported-media-type'];

function addHook(
  route: RouteOptions,
  name: 'onRequest' | 'preValidation',
  hook: (request: FastifyRequest) => Promise<void>,
): void {
  route[name] = [route[name] ?? [], hook].flat();
}

// An omitted body equals an empty object.
async function fillEmptyBody(request: FastifyRequest): Promise<void> {
  if (request.body === undefined) request.body = {};
}

async function noteFingerprint(request: FastifyRequest): Promise<void> {
  // Before defaults are filled in: a later version's defaults must not change the hash.
  if (request.headers['idempotency-key'] !== undefined) request.fingerprint = fingerprintOf(request.body);
}

function refuseUnguarded(mayCreate: boolean) {
  const create = mayCreate ? ', or If-None-Match: * to create it' : '';
  return async ({ headers }: FastifyRequest): Promise<void> => {
    if (headers['if-match'] !== undefined || (mayCreate && headers['if-none-match']?.trim() === '*')) return;
    throw new Problem(
      'precondition-required',
      `Read the resource and send its ETag as If-Match${create}: this installation requires it.`,
    );
  };
}

/** @throws Problem 403 for a user token */
export function refuseUserToken(caller: Caller): void {
  if (caller.kind !== 'user') return;
  throw new Problem('key-needed', 'A user token cannot do this: use an API key.');
}

function refuseUnless(caller: Caller, scope: Scope, keysOnly = false): void {
  if (keysOnly) refuseUserToken(caller);
  if (hasScope(caller, scope)) return;
  throw new Problem('missing-scope', `The key or token lacks the scope ${scope}: use one that has it.`, {
    extensions: { scope },
    headers: { 'www-authenticate': `Bearer realm="likeness", error="insufficient_scope", scope="${scope}"` },
  });
}
