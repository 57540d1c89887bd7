import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors.ts';
import type { Caller } from '../platform/http/caller.ts';
import { acceptJson } from '../platform/http/json-body.ts';
import type { RouteScope } from '../platform/http/route-scope.ts';
import { type Authenticate, createAuthenticator } from '../features/keys/authenticate.ts';
import { completeRoute } from './route-rules.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells who bears credentials, for answers that outlive the question; there inside the authenticated scope. */
    authenticate: Authenticate;
  }
  interface FastifyRequest {
    /** Who makes the request; there on every route inside the authenticated scope. */
    caller: Caller;
  }
}

/**
 * Opens the scope of everything that needs a key or a user token. Each route in it says by its `config` what a caller must
 * be allowed to do, and each POST that it can be repeated (route-rules.ts).
 * @param register registers the routes
 */
export async function authenticatedScope(
  app: FastifyInstance,
  register: (scope: RouteScope) => Promise<void>,
): Promise<void> {
  const authenticate = createAuthenticator(app);
  await app.register(async (scope: RouteScope) => {
    acceptJson(scope);
    scope.decorate('authenticate', authenticate);
    scope.decorateRequest('caller');
    scope.decorateRequest('fingerprint', null);
    scope.addHook('onRoute', (route) => completeRoute(route, app.config));
    scope.addHook('onRequest', async (request) => {
      // Counted once, and before the lookup: guesses that come at the same time would all be looked up.
      let counted: Promise<void> | undefined;
      const countStranger = () => (counted ??= app.limitStranger(request));
      request.caller = await authenticate(request.headers.authorization, countStranger).catch(
        async (error: unknown) => {
          if (error instanceof Problem) await countStranger();
          throw error;
        },
      );
    });
    await register(scope);
  });
}
