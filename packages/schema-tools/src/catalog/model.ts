import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Project } from '../project.ts';

/** What tells one state of the model from another: sha256 of its code, hex. Comments and line breaks change nothing. */
export async function hashModel({ model }: Pick<Project, 'model'>): Promise<string> {
  return hashCode(await readFile(model.file, 'utf8'));
}

/** sha256 of TypeScript's text without comments, space, and commas before a closing bracket, hex; strings count whole. */
export function hashCode(text: string): string {
  const pieces = text.matchAll(/(["'`])(?:\\[\s\S]|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|[\s\S]/g);
  const code = Array.from(pieces, ([piece]) => piece).filter((piece) => !/^(\/\/|\/\*|\s)/.test(piece));
  const bare = code.filter((piece, index) => piece !== ',' || !/^[)\]}]/.test(code[index + 1] ?? ''));
  return createHash('sha256').update(bare.join('')).digest('hex');
}

/**
 * The statements that make the model in an empty database, as drizzle-kit writes them; undefined where drizzle-kit is not
 * installed, as in production.
 * @param model drizzle's tables, enums and sequences
 */
export async function exportModel(model: Record<string, unknown>): Promise<string[] | undefined> {
  const kit = await import('drizzle-kit/api').catch(() => undefined);
  if (!kit) return undefined;
  const described = kit.generateDrizzleJson(model);
  return kit.generateMigration(kit.generateDrizzleJson({}), described);
}
