import fp from 'fastify-plugin';
import { useTracer } from '../platform/trace/trace.ts';

export const tracesPlugin = fp(
  async (app) => {
    if (app.config.traces === null) return;
    const { enterRequest, startOpenTelemetry } = await import('../platform/trace/opentelemetry.ts');
    const { tracer, fastifyPlugin, close } = startOpenTelemetry(app.config.traces, app.log);
    await app.register(fastifyPlugin);
    app.addHook('preHandler', (request, _reply, done) => enterRequest(request, done));
    useTracer(tracer);
    // Registered first, so closed last: the shutdown of the others is still traced.
    app.addHook('onClose', async () => {
      useTracer(null);
      await close();
    });
  },
  { name: 'traces' },
);
