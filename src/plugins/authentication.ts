import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors.ts';
import type { Caller } from '../platform/http/caller.ts';
import { acceptJson } from '../platform/http/json-body.ts';
import type { RouteScope } from '../platform/http/route-scope.ts';
import { type Authenticate, createAuthenticator } from '../features/keys/authenticate.ts';
import { completeRoute } from './route-rules.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Re-authenticates a long-lived response (SSE); inside the authenticated scope only. */
    authenticate: Authenticate;
  }
  interface FastifyRequest {
    /** Inside the authenticated scope only. */
    caller: Caller;
  }
}

/**
 * Opens the authenticated scope. Each route declares its scope in `config`, and each POST whether it is idempotent
 * (route-rules.ts).
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
      // Counted before the lookup: simultaneous guesses would otherwise all be looked up.
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
