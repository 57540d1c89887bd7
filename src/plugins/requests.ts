import fp from 'fastify-plugin';

// Probes and scrapes come every few seconds and say nothing.
const quietRoutes = new Set(['/livez', '/readyz', '/metrics']);

// Whoever follows a stream leaves before its end.
const endless = new Set(['/v1/events/stream']);

/** Puts the request's id on every answer and one line in the log for every request, when it has ended. */
export const requestsPlugin = fp(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
    });
    app.addHook('onResponse', async (request, reply) => {
      const level = quietRoutes.has(request.routeOptions.url ?? '') ? 'debug' : 'info';
      request.log[level](
        { req: request, res: reply, duration_ms: Math.round(reply.elapsedTime * 10) / 10 },
        'request completed',
      );
    });
    // Answers under way have half of the grace to end; the other half is for the jobs.
    app.addHook('preClose', async () => {
      setTimeout(() => app.server.closeAllConnections(), app.config.shutdownGraceMs / 2).unref();
    });
    app.addHook('onRequestAbort', async (request) => {
      if (endless.has(request.routeOptions.url ?? '')) return;
      request.log.info({ req: request }, 'the client went away before the answer');
    });
  },
  { name: 'requests' },
);
