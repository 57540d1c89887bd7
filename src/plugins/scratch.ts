import { tmpdir } from 'node:os';
import fp from 'fastify-plugin';
import { BootError } from '../errors.ts';
import { limits } from '../limits.ts';
import { removeAbandoned, tryScratch } from '../platform/storage/scratch.ts';

/**
 * Checks that temporary files can be written, and removes those of dead processes, at start and regularly.
 * @throws BootError (1) when none can be written
 */
export const scratchPlugin = fp(
  async (app) => {
    const remove = () =>
      removeAbandoned(app.log).catch((error: unknown) => {
        app.log.warn({ err: error }, 'the temporary folder could not be read');
      });
    await tryScratch(limits.scratch.ms).catch((error: Error) => {
      const where = `Temporary files can't be written in ${tmpdir()} (${error.message})`;
      throw new BootError(`${where}: make it writable with room in it, or name another folder in TMPDIR.`, 1);
    });
    await remove();
    const timer = setInterval(() => void remove(), Math.min(app.config.retention.everyMs, 2 ** 31 - 1)).unref();
    app.addHook('onClose', async () => clearInterval(timer));
  },
  { name: 'scratch' },
);
