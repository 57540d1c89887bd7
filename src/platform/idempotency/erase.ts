import { sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';

/**
 * Deletes kept answers that tell of what was deleted.
 * @param ids that stand in their path, headers or body
 * @param caller whose answers go altogether, whatever stands in them
 */
export async function eraseKeptAnswers(db: Db, ids: readonly string[], caller?: string): Promise<void> {
  const anyId = ids.join('|');
  await db.execute(sql`
    delete from idempotency_keys
    where ${caller === undefined ? sql`false` : sql`caller = ${caller}`}
      or path ~ ${anyId} or headers::text ~ ${anyId} or encode(body, 'escape') ~ ${anyId}
  `);
}
