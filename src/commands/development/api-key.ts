import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from '../../platform/db/client.ts';
import type { Context } from '../../context.ts';
import { scopes } from '../../platform/http/caller.ts';
import { createKey } from '../../features/keys/create-key.ts';
import { hashKey } from '../../features/keys/secret.ts';
import { findKeyByHash } from '../../features/keys/store.ts';

/**
 * The API key of development starts, with every scope: created once, and kept in a private file of `folder`, since the
 * database has only its hash.
 */
export async function developmentKey(
  { db }: Pick<Context, 'db'>,
  folder: string,
): Promise<{ key: string; file: string }> {
  const file = join(folder, 'api-key');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept && (await isGood(db, kept))) return { key: kept, file };
  const { key } = await createKey({ db }, { name: 'development', scopes });
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, file };
}

async function isGood(db: Db, key: string): Promise<boolean> {
  const row = await findKeyByHash(db, hashKey(key));
  return row !== undefined && row.revoked_at === null && (row.expires_at === null || row.expires_at > new Date());
}
