import fp from 'fastify-plugin';
import { useTracer } from '../platform/trace/trace.ts';

/** Sends traces where the settings say; loads nothing for it unless they do. */
export const tracesPlugin = fp(
  async (app) => {
    if (app.config.traces === null) return;
    const { enterRequest, startOpenTelemetry } = await import('../platform/trace/opentelemetry.ts');
    const { tracer, fastifyPlugin, close } = startOpenTelemetry(app.config.traces, app.log);
    await app.register(fastifyPlugin);
    app.addHook('preHandler', (request, _reply, done) => enterRequest(request, done));
    useTracer(tracer);
    // The first to be registered, and so the last to be closed: what ends before it is still traced.
    app.addHook('onClose', async () => {
      useTracer(null);
      await close();
    });
  },
  { name: 'traces' },
);
