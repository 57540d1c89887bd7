import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** The file that describes every table. */
export const modelFile = resolve(import.meta.dirname, '../../db/schema.ts');

/** What tells one state of the model from another: sha256 of its text, hex. */
export async function hashModel(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(modelFile))
    .digest('hex');
}

/**
 * The statements that make the model in an empty database, as drizzle-kit writes them; undefined where drizzle-kit is not
 * installed, as in production.
 * @param model drizzle's tables, enums and sequences; the service's own when left out
 */
export async function exportModel(model?: Record<string, unknown>): Promise<string[] | undefined> {
  const kit = await import('drizzle-kit/api').catch(() => undefined);
  if (!kit) return undefined;
  const described = kit.generateDrizzleJson(model ?? { ...(await import('../../db/schema.ts')) });
  return kit.generateMigration(kit.generateDrizzleJson({}), described);
}
