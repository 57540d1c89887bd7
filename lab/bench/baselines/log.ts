import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { pino } from 'pino';

/** A log like the service's: JSON lines of level info on standard output, written synchronously. */
export function createLog(): FastifyBaseLogger {
  return pino({ level: 'info' }, pino.destination({ dest: 1, sync: true }));
}

/** One line for each finished request, as the service writes. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ log, method, url }, { statusCode, elapsedTime }) => {
    log.info({ method, url, statusCode, duration_ms: elapsedTime }, 'request completed');
  });
}

export const port = Number(process.env['PORT']);
export const databaseUrl = process.env['DATABASE_URL'] ?? '';
