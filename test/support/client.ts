import pg from 'pg';
import { connectionConfig } from '../../src/db/connection.ts';

/** Runs something over a connection of its own, in UTC. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionConfig(url));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
