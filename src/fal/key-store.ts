import { eq, sql } from 'drizzle-orm';
import type { Db } from '../platform/db/client.ts';
import { falSigningKeys } from '../platform/db/schema.ts';
import type { StoredKeys } from './key-set.ts';
import { parseSigningKeys } from './signature.ts';

const rowId = 1;

export async function loadSigningKeys(db: Db): Promise<StoredKeys | null> {
  const [row] = await db.select().from(falSigningKeys).where(eq(falSigningKeys.id, rowId));
  if (!row) return null;
  return { keys: parseSigningKeys({ keys: row.keys }), fetchedAt: row.fetched_at };
}

/** Saves keys for all processes; of two concurrent fetches the later wins. */
export async function saveSigningKeys(db: Db, { keys, fetchedAt }: StoredKeys): Promise<void> {
  const jwks = keys.map(({ x, kid }) => ({ kty: 'OKP', crv: 'Ed25519', x, ...(kid && { kid }) }));
  await db
    .insert(falSigningKeys)
    .values({ id: rowId, keys: jwks, fetched_at: fetchedAt })
    .onConflictDoUpdate({
      target: falSigningKeys.id,
      set: { keys: sql`excluded.keys`, fetched_at: sql`excluded.fetched_at` },
      setWhere: sql`${falSigningKeys.fetched_at} < excluded.fetched_at`,
    });
}
