import pg from 'pg';
import { settleSession } from '../../src/platform/db/session.ts';
import { readDatabaseUrl } from '../../src/platform/db/url.ts';

/** Runs something over a connection of its own, with the session that all of ours have. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(readDatabaseUrl(url));
  await client.connect();
  try {
    await settleSession(client);
    return await work(client);
  } finally {
    await client.end();
  }
}
