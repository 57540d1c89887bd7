import fp from 'fastify-plugin';
import { createDatabase } from '../platform/db/client.ts';

export const databasePlugin = fp(
  async (app) => {
    const { url, poolMax, timeoutMs } = app.config.database;
    const database = createDatabase(url, {
      max: poolMax,
      applicationName: 'likeness',
      statementTimeoutMs: timeoutMs,
      idleInTransactionTimeoutMs: 60_000,
      log: app.log,
    });
    app.decorate('pool', database.pool);
    app.decorate('db', database.db);
    app.addHook('onClose', () => database.close());
  },
  { name: 'database' },
);
