import type { FastifyInstance, RouteOptions } from 'fastify';
import { Problem } from '../errors.ts';
import { type Caller, hasScope, type Scope } from '../http/caller.ts';
import { acceptMergePatch } from '../http/merge-patch.ts';
import type { RouteScope } from '../http/route-scope.ts';
import { Closed } from '../http/schemas.ts';
import { type Authenticate, createAuthenticator } from '../keys/authenticate.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells who bears credentials, for answers that outlive the question; there inside the authenticated scope. */
    authenticate: Authenticate;
  }
  interface FastifyRequest {
    /** Who makes the request; there on every route inside the authenticated scope. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** What a caller needs to use the route. */
    scope?: Scope;
  }
}

/**
 * Opens the scope of everything that needs a key. Each route in it says by `config: { scope }` what a key must be
 * allowed to do; one that doesn't is refused at start, so that none is open by oversight.
 * @param register registers the routes
 */
export async function authenticatedScope(
  app: FastifyInstance,
  register: (scope: RouteScope) => Promise<void>,
): Promise<void> {
  const authenticate = createAuthenticator(app);
  await app.register(async (scope: RouteScope) => {
    // Fastify's own parser would take any text for a body; what isn't JSON is answered 415.
    scope.removeContentTypeParser('text/plain');
    acceptMergePatch(scope);
    scope.decorate('authenticate', authenticate);
    scope.decorateRequest('caller');
    scope.addHook('onRoute', completeRoute);
    scope.addHook('onRequest', async (request) => {
      request.caller = await authenticate(request.headers.authorization);
      const needed = request.routeOptions.config.scope;
      if (needed && !hasScope(request.caller, needed)) throw missingScope(needed);
    });
    await register(scope);
  });
}

function completeRoute(route: RouteOptions): void {
  const { scope } = route.config ?? {};
  if (!scope) {
    throw new Error(`${String(route.method)} ${route.url} states no scope: give it config: { scope: … }`);
  }
  // A filter that a route doesn't know is refused, not ignored, also where it knows none.
  route.schema = { querystring: Closed({}), ...route.schema, security: [{ key: [scope] }] };
}

function missingScope(scope: Scope): Problem {
  return new Problem('missing-scope', `The API key lacks the scope ${scope}: make one that has it.`, {
    extensions: { scope },
    headers: { 'www-authenticate': `Bearer realm="likeness", error="insufficient_scope", scope="${scope}"` },
  });
}
