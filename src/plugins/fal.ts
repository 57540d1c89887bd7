import { eq, sql } from 'drizzle-orm';
import fp from 'fastify-plugin';
import type { Db } from '../platform/db/client.ts';
import { falSigningKeys } from '../platform/db/schema.ts';
import { createFal } from '../fal/client.ts';
import type { Fal } from '../fal/fal.ts';
import { createKeySet, type StoredKeys } from '../fal/key-set.ts';
import { parseSigningKeys } from '../fal/signature.ts';
import { traceFal } from '../fal/traced.ts';

const rowId = 1;

/** Decorates the app with fal and with fal's signing keys, which all processes over one database share. */
export const falPlugin = fp(
  async (app, { fal: given }: { fal?: Fal | undefined }) => {
    const { mode, key, baseUrl, timeoutMs } = app.config.fal;
    const fal = traceFal(given ?? createFal({ mode, key, baseUrl, timeoutMs, log: app.log }));
    app.decorate('fal', fal);
    app.decorate(
      'signingKeys',
      createKeySet({
        fetchKeys: () => fal.fetchSigningKeys(),
        load: () => loadSigningKeys(app.db),
        save: (stored) => saveSigningKeys(app.db, stored),
        log: app.log,
      }),
    );
  },
  { name: 'fal', dependencies: ['database'] },
);

/** @returns the keys that any process saved last; null when none did */
async function loadSigningKeys(db: Db): Promise<StoredKeys | null> {
  const [row] = await db.select().from(falSigningKeys).where(eq(falSigningKeys.id, rowId));
  if (!row) return null;
  return { keys: parseSigningKeys({ keys: row.keys }), fetchedAt: row.fetched_at };
}

// Two processes may have asked fal at the same time; the later question's answer stays.
async function saveSigningKeys(db: Db, { keys, fetchedAt }: StoredKeys): Promise<void> {
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
