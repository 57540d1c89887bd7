import { drizzle } from 'drizzle-orm/node-postgres';
import t from 'tap';
import { listNewest } from '../../src/avatars/store.ts';
import * as schema from '../../src/db/schema.ts';
import { createTestDatabase } from '../support/postgres.ts';

const { pool } = await createTestDatabase(t);
const user = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';

/** The statements that `run` sends, with their values. */
async function statementsOf(run: (db: ReturnType<typeof drizzle<typeof schema>>) => Promise<unknown>) {
  const sent: { text: string; values: unknown[] }[] = [];
  await run(drizzle(pool, { schema, logger: { logQuery: (text, values) => sent.push({ text, values }) } }));
  return sent;
}

t.test('a page of avatars is read from an index, however many there are', async (t) => {
  const after = { createdAt: '2026-01-01 00:00:00.000123+00', id: user };
  for (const filter of [{}, { userId: user }]) {
    for (const position of [null, after]) {
      const [statement] = await statementsOf((db) =>
        listNewest(db, filter, { after: position, except: user, limit: 21 }),
      );
      const client = await pool.connect();
      // In an empty table a scan of it is best; without scans the plan tells what the indexes are good for.
      await client.query('set enable_seqscan = off; set enable_bitmapscan = off');
      const { rows } = await client.query(`explain ${statement?.text}`, statement?.values);
      client.release(true);
      const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n');
      t.notMatch(plan, /Sort Key/, JSON.stringify({ filter, position }));
      t.match(
        plan,
        filter.userId ? /Index Scan using ix_avatars_user_id_created_at/ : /Index Scan using ix_avatars_created_at/,
      );
    }
  }
});
