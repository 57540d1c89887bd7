import type { IncomingMessage } from 'node:http';
import fp from 'fastify-plugin';
import { Problem } from '../errors.ts';
import type { Caller } from '../platform/http/caller.ts';

// Probes and scrapes come every few seconds: not logged.
const quietRoutes = new Set(['/livez', '/readyz', '/metrics']);

// Clients leave a stream before its end.
const endless = new Set(['/v1/events/stream']);

/** Sets X-Request-Id on every response and logs each request at its end. */
export const requestsPlugin = fp(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
      if (hasTwoHosts(request.raw)) {
        throw new Problem('invalid-request', 'The request has more than one Host header: send one.', {
          headers: { connection: 'close' },
        });
      }
    });
    app.addHook('onResponse', async (request, reply) => {
      const level = quietRoutes.has(request.routeOptions.url ?? '') ? 'debug' : 'info';
      request.log[level](
        { ...callerFields(request), req: request, res: reply, duration_ms: Math.round(reply.elapsedTime * 10) / 10 },
        'request completed',
      );
    });
    // Open requests get half of the grace, jobs the other half.
    app.addHook('preClose', async () => {
      setTimeout(() => app.server.closeAllConnections(), app.config.shutdownGraceMs / 2).unref();
    });
    app.addHook('onRequestAbort', async (request) => {
      if (endless.has(request.routeOptions.url ?? '')) return;
      request.log.info({ ...callerFields(request), req: request }, 'the client disconnected before the response');
    });
  },
  { name: 'requests' },
);

function callerFields({ caller }: { caller?: Caller }): Record<string, string> {
  if (!caller) return {};
  return { key_id: caller.keyId, ...(caller.kind === 'user' && { user_id: caller.id }) };
}

// RFC 9112 §3.2 forbids several Host headers; Node uses the first, and a proxy may use the last.
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
