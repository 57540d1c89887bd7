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

export type Database = NodePgDatabase<Schema>;

/** The database or a transaction, so that callers of store functions decide where a transaction begins. */
export type Db = PgDatabase<NodePgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

export type DatabaseOptions = SessionLimits & {
  /** Most connections of the pool; default 10. */
  max?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Milliseconds to wait for a free connection; default in limits.ts. */
  connectionTimeoutMs?: number;
  log?: Pick<BaseLogger, 'error'>;
};

export type DatabaseHandle = { pool: pg.Pool; db: Database; close: () => Promise<void> };

// drizzle uses pg's global type parsers, not the pool's. bigint (counts, sequence numbers) is parsed as a number where
// a number can hold it.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
});

// Callers have drained their work before.
const closingPatienceMs = 1000;

/**
 * Opens a pool and drizzle over it. Connections open on demand and each session is prepared (session.ts), in UTC, so
 * that `now()` in a `timestamp` column is UTC. A broken connection is logged and replaced; its queries reject. close()
 * waits one second for connections in use, then destroys them; it may be called twice.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): DatabaseHandle {
  const { max = 10, applicationName = 'likeness', statementTimeoutMs, log } = options;
  const { connectionTimeoutMs = limits.databaseTurn.ms } = options;
  const config: pg.PoolConfig & BoundedClientConfig = {
    ...readDatabaseUrl(url),
    // pg's types omit that the pool passes this configuration to its clients.
    Client: BoundedClient as unknown as new () => pg.ClientBase,
    max,
    leaveReadOnly: true,
    application_name: applicationName,
    answerTimeoutMs: statementTimeoutMs && statementTimeoutMs + limits.databaseAnswer.ms,
    connectionTimeoutMillis: connectionTimeoutMs,
    // The pool awaits it, though its types do not say so.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: (client) => settleSession(client, options),
  };
  const pool = new pg.Pool(config);
  const report = (error: Error) => log?.error({ err: error }, 'a connection to PostgreSQL broke');
  // The pool listens for errors of idle connections only; an unheard error of one in use would end the process.
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
    // drizzle's own transaction never releases a connection on which BEGIN failed: a few broken connections would
    // empty the pool.
    const client = await pool.connect();
    try {
      // Without the schema, which serves relational queries only and takes a millisecond to parse.
      return await drizzle<Schema, pg.PoolClient>(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return { pool, db, close };
}

// When one connection is dead, connections silent since then may be too; each would cost a request its time limit.
function destroyUnheard(clients: Set<BoundedClient>, since: number): void {
  for (const client of clients) {
    if (client.isIdle && client.heardAt < since) client.destroy(new Error('not heard of since another gave no answer'));
  }
}

// A silent server ends no statement. Ending a busy connection destroys it, and the statement rejects.
async function endPool(pool: pg.Pool, clients: Set<BoundedClient>): Promise<void> {
  const cut = setTimeout(() => {
    for (const client of clients) void client.end();
  }, closingPatienceMs);
  await pool.end();
  clearTimeout(cut);
}
