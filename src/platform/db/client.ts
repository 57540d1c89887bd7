import type { ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle, type NodePgDatabase, type NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { BaseLogger } from 'pino';
import { limits } from '../../limits.ts';
import { BoundedClient, type BoundedClientConfig } from './bounded-client.ts';
import * as schema from './schema.ts';
import { type SessionLimits, settleSession } from './session.ts';
import { readDatabaseUrl } from './url.ts';

type Schema = typeof schema;

/** The service's database: drizzle over a pool. */
export type Database = NodePgDatabase<Schema>;

/** Either of the two: what store functions take, so that their caller decides where a transaction begins. */
export type Db = PgDatabase<NodePgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

export type DatabaseOptions = SessionLimits & {
  /** The most connections the pool opens; 10 when left out. */
  max?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** How long to wait for a free connection; as limits.ts says when left out. */
  connectionTimeoutMs?: number;
  log?: Pick<BaseLogger, 'error'>;
};

export type DatabaseHandle = { pool: pg.Pool; db: Database; close: () => Promise<void> };

// drizzle asks pg's global table for its parsers, not the pool's. Counts and sequence numbers arrive as numbers; only a
// value that a number can't hold stays text, as it is without this line.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
});

// Whoever closes the pool has let its users end before.
const closingPatienceMs = 1000;

/**
 * Opens a pool and drizzle over it; connections are made when they are needed, and each is settled (session.ts): every
 * session runs in UTC, so that `now()` put into a `timestamp` column is UTC too. A connection that breaks is logged and replaced; queries on it reject.
 * close() waits a second for the connections in use, then cuts them, and may be called twice.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): DatabaseHandle {
  const { max = 10, applicationName = 'likeness', statementTimeoutMs, log } = options;
  const { connectionTimeoutMs = limits.databaseTurn.ms } = options;
  const config: pg.PoolConfig & BoundedClientConfig = {
    ...readDatabaseUrl(url),
    // The types of pg have the pool make its clients of nothing; it gives them this configuration.
    Client: BoundedClient as unknown as new () => pg.ClientBase,
    max,
    leaveReadOnly: true,
    application_name: applicationName,
    answerTimeoutMs: statementTimeoutMs && statementTimeoutMs + limits.databaseAnswer.ms,
    connectionTimeoutMillis: connectionTimeoutMs,
    // The pool awaits it, though its types don't say so.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: (client) => settleSession(client, options),
  };
  const pool = new pg.Pool(config);
  const report = (error: Error) => log?.error({ err: error }, 'a connection to PostgreSQL broke');
  // The pool listens to idle connections alone; one in use that breaks between two statements would end the process.
  const clients = new Set<BoundedClient>();
  pool.on('connect', (connected) => {
    const client = connected as unknown as BoundedClient;
    client.on('error', report);
    client.onSilence = (since) => destroyUnheard(clients, since);
    clients.add(client);
  });
  pool.on('remove', (client) => clients.delete(client as unknown as BoundedClient));
  pool.on('error', () => undefined);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= endPool(pool, clients);
    return closing;
  };
  const db = drizzle(pool, { schema });
  db.transaction = async (work, config) => {
    // drizzle's own keeps the connection for ever when BEGIN fails on it, as it does on one that has just broken: after
    // some failures of the server the pool has none left.
    const client = await pool.connect();
    try {
      // Without the schema, which takes a millisecond to look through and serves relational queries alone.
      return await drizzle<Schema, pg.PoolClient>(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return { pool, db, close };
}

// Where one connection is dead, those of which nothing was heard since may be too; each would cost a request its time.
function destroyUnheard(clients: Set<BoundedClient>, since: number): void {
  for (const client of clients) {
    if (client.isIdle && client.heardAt < since) client.destroy(new Error('not heard of since another gave no answer'));
  }
}

// A server that has gone silent ends no statement. Ending a connection that waits for one cuts it, and the statement rejects.
async function endPool(pool: pg.Pool, clients: Set<BoundedClient>): Promise<void> {
  const cut = setTimeout(() => {
    for (const client of clients) void client.end();
  }, closingPatienceMs);
  await pool.end();
  clearTimeout(cut);
}
