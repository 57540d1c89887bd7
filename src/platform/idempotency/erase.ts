import { sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';

/**
 * Deletes kept answers that tell of what was deleted. Looks ids up in an index: the cost grows with the answers that go,
 * and not with all that are kept.
 * @param ids that stand in their path, headers or body
 * @param caller whose answers go altogether, whatever stands in them
 */
export async function eraseKeptAnswers(db: Db, ids: readonly string[], caller?: string): Promise<void> {
  const any = sql.param([...ids]);
  if (caller !== undefined) await db.execute(sql`delete from idempotency_keys where caller = ${caller}`);
  await db.execute(sql`delete from idempotency_keys where named_ids && ${any}::uuid[]`);
  // Processes of the version before name no ids in what they keep; there is none left a day after the last of them ended.
  const pattern = ids.join('|');
  await db.execute(sql`
    delete from idempotency_keys where named_ids is null
      and (path ~ ${pattern} or headers::text ~ ${pattern} or encode(body, 'escape') ~ ${pattern})
  `);
}

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

/** The ids in texts, each once. */
export function idsIn(...texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(uuid) ?? []).map((id) => id.toLowerCase()))];
}
