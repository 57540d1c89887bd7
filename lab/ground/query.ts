import pg from 'pg';
import { settleSession } from '../../src/platform/db/session.ts';
import { readDatabaseUrl } from '../../src/platform/db/url.ts';

/** Runs `work` on a new connection with the service's session settings. */
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

/** Runs statements on a new connection. @returns the rows of the last */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(text, values)).rows);
}
