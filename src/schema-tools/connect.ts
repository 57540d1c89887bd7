import pg from 'pg';
import { connectionConfig } from '../db/connection.ts';
import { MigrationError, reasonOf, sqlStateOf } from './migration-error.ts';

/**
 * Runs `work` over one connection of its own, which has no limits on statements and is closed in the end.
 * @param name shown in pg_stat_activity
 * @throws MigrationError `unreachable` when there is no connection; `failed` for any other error that `work` lets through
 */
export async function withConnection<T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = clientFor(url, name);
  // A connection that breaks rejects the query at work; the event needs a listener all the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A limit that suits the service's role must not cut this work short.
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw unreachable(client, cause);
  }
  try {
    return await work(client);
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError('failed', `${name} did not get through: ${reasonOf(cause)}.`, {
      sqlState: sqlStateOf(cause),
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function clientFor(url: string, name: string): pg.Client {
  try {
    return new pg.Client({ ...connectionConfig(url), application_name: name, connectionTimeoutMillis: 10_000 });
  } catch (cause) {
    // It names files of certificates that are not there, or is no URL; it may hold a password, so it is not repeated.
    const form = 'postgresql://user:password@host:port/database';
    throw new MigrationError(
      'unreachable',
      `The URL of the database, in the form ${form}, can't be used: ${reasonOf(cause)}.`,
      {
        cause,
      },
    );
  }
}

function unreachable({ host, port, database }: pg.Client, cause: unknown): MigrationError {
  const place = `the database ${database ?? ''} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;
  return new MigrationError('unreachable', `Can't connect to ${place}: ${reasonOf(cause)}.`, {
    sqlState: sqlStateOf(cause),
    cause,
  });
}
