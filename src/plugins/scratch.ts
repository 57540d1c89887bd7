import fp from 'fastify-plugin';
import { removeAbandoned } from '../storage/scratch.ts';

/** Removes what processes that died have left among the temporary files, at start and every so often. */
export const scratchPlugin = fp(
  async (app) => {
    const remove = () =>
      removeAbandoned(app.log).catch((error: unknown) => {
        app.log.warn({ err: error }, 'the temporary folder could not be looked through');
      });
    await remove();
    const timer = setInterval(() => void remove(), Math.min(app.config.retention.everyMs, 2 ** 31 - 1)).unref();
    app.addHook('onClose', async () => clearInterval(timer));
  },
  { name: 'scratch' },
);
