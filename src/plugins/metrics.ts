import fp from 'fastify-plugin';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createSampler } from '../platform/metrics/sampler.ts';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Decorates the app with the metrics registry and serves it at /metrics: process, requests by route, pool, and gauges
 * read from the database (sampler.ts).
 */
export const metricsPlugin = fp(
  async (app) => {
    const registers = [new Registry()];
    const [metrics] = registers as [Registry];
    app.decorate('metrics', metrics);
    const sampler = createSampler({ db: app.db, metrics, log: app.log });
    app.decorate('sampler', sampler);
    collectDefaultMetrics({ register: metrics });
    const requests = new Histogram({
      name: 'likeness_http_request_duration_seconds',
      help: 'Duration of requests to the end of the response, in seconds.',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers,
    });
    const connections = new Gauge({
      name: 'likeness_database_connections',
      help: 'Connections of the database pool: in use, idle, and requests waiting for a connection.',
      labelNames: ['state'],
      registers,
      collect() {
        const { totalCount, idleCount, waitingCount } = app.pool;
        connections.set({ state: 'used' }, totalCount - idleCount);
        connections.set({ state: 'idle' }, idleCount);
        connections.set({ state: 'waiting' }, waitingCount);
      },
    });
    // The route's pattern: labels with ids would create unbounded series.
    app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
      requests.observe({ method, route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
    });
    app.addHook('onClose', async () => metrics.clear());
    app.get(
      '/metrics',
      {
        config: { rateLimit: false },
        schema: {
          operationId: 'getMetrics',
          summary: 'Get the metrics of the process',
          description:
            'Metrics in the text format of Prometheus. The route needs no key: do not expose it to the public.',
          tags: ['operations'],
          security: [],
          response: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
      async (_request, reply) => {
        await sampler.refresh();
        return reply.type(metrics.contentType).send(await metrics.metrics());
      },
    );
  },
  { name: 'metrics', dependencies: ['database'] },
);
