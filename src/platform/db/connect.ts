import type pg from 'pg';
import { BoundedClient } from './bounded-client.ts';
import { connectAdvice } from './connect-fault.ts';
import { SessionError, settleSession } from './session.ts';
import { readDatabaseUrl } from './url.ts';
import { MigrationError, reasonOf, sqlStateOf } from '@likeness/schema-tools/history/errors.ts';

/**
 * Runs `work` over one connection of its own, which is closed in the end. The server puts no limit on its statements.
 * @param name shown in pg_stat_activity
 * @param answerTimeoutMs how long one statement may go without its answer; no limit when left out, for work on large tables
 * @throws DatabaseUrlError, and MigrationError `unfit` for a session that can't be worked in, `unreachable` when there is no connection; `failed` for any other error that `work` lets through
 */
export async function withConnection<T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
  answerTimeoutMs?: number,
): Promise<T> {
  const client = new BoundedClient({ ...readDatabaseUrl(url), application_name: name, answerTimeoutMs });
  // A connection that breaks rejects the query at work; the event needs a listener all the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Without limits: one that suits the service's role must not cut this work short.
    await settleSession(client);
  } catch (cause) {
    await client.end().catch(() => undefined);
    if (cause instanceof SessionError) throw new MigrationError('unfit', cause.message, { cause });
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

function unreachable({ host, port, database }: pg.Client, cause: unknown): MigrationError {
  const place = `the database ${database ?? ''} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;
  const advice = connectAdvice(cause);
  return new MigrationError('unreachable', `Can't connect to ${place}: ${reasonOf(cause)}. ${advice}`, {
    sqlState: sqlStateOf(cause),
    cause,
  });
}
