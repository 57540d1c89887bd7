import type pg from 'pg';
import { BoundedClient } from './bounded-client.ts';
import { limits } from '../../limits.ts';
import { connectAdvice } from './connect-fault.ts';
import { isConnectionLost } from './faults.ts';
import { SessionError, settleSession } from './session.ts';
import { readDatabaseUrl } from './url.ts';
import { watchStatements } from './watch.ts';
import { MigrationError, reasonOf, sqlStateOf } from '@likeness/schema-tools/history/errors.ts';

/**
 * Runs `work` over one connection of its own, which is closed in the end. The server puts no limit on its statements, but
 * each gets its locks in time.
 * @param name shown in pg_stat_activity
 * @param answerTimeoutMs how long one statement may go without its answer; when left out, for work on large tables, as long as the server is seen at work on it (watch.ts)
 * @throws DatabaseUrlError, and MigrationError `unfit` for a session that can't be worked in, `unreachable` when there is no connection; `failed` for any other error that `work` lets through
 */
export async function withConnection<T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
  answerTimeoutMs?: number,
): Promise<T> {
  const config = { ...readDatabaseUrl(url), application_name: name };
  const client = new BoundedClient({ ...config, answerTimeoutMs });
  // The running query rejects when the connection breaks; the event still needs a listener.
  client.on('error', () => undefined);
  let endWatch = async () => {};
  try {
    await client.connect();
    // No limit on statements: one that suits the service's role would end this work early.
    await settleSession(client, sessionLimits);
    if (answerTimeoutMs === undefined) endWatch = watchStatements(client, config, await ownPid(client));
  } catch (cause) {
    await client.end().catch(() => undefined);
    if (cause instanceof SessionError) throw new MigrationError('unfit', cause.message, { cause });
    throw unreachable(client, cause);
  }
  try {
    return await work(client);
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    const sqlState = sqlStateOf(cause);
    if (isConnectionLost(cause)) {
      const message = `${name} lost its connection: ${reasonOf(cause)}. ${connectAdvice(cause)}`;
      throw new MigrationError('unreachable', message, { sqlState, cause });
    }
    const advice =
      sqlState === '55P03' ? ' Another session holds what it needs: end that one (pg_locks), or wait.' : '';
    throw new MigrationError('failed', `${name} did not get through: ${reasonOf(cause)}.${advice}`, {
      sqlState,
      cause,
    });
  } finally {
    await endWatch();
    await client.end().catch(() => undefined);
  }
}

const sessionLimits = {
  lockTimeoutMs: limits.databaseLock.ms,
  // A process that vanished leaves no lock behind for longer.
  idleInTransactionTimeoutMs: limits.databaseIdleTransaction.ms,
};

// A pooler tells clients a number of its own.
async function ownPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

function unreachable({ host, port, database }: pg.Client, cause: unknown): MigrationError {
  const place = `the database ${database ?? ''} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;
  const advice = connectAdvice(cause);
  return new MigrationError('unreachable', `Can't connect to ${place}: ${reasonOf(cause)}. ${advice}`, {
    sqlState: sqlStateOf(cause),
    cause,
  });
}
