import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Project } from '../project.ts';

/** sha256 of the model's code in hex, independent of comments and formatting. */
export async function hashModel({ model }: Pick<Project, 'model'>): Promise<string> {
  return hashCode(await readFile(model.file, 'utf8'));
}

/** sha256 in hex of TypeScript without comments, white space and trailing commas; strings count unchanged. */
export function hashCode(text: string): string {
  const pieces = text.matchAll(/(["'`])(?:\\[\s\S]|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|[\s\S]/g);
  const code = Array.from(pieces, ([piece]) => piece).filter((piece) => !/^(\/\/|\/\*|\s)/.test(piece));
  const bare = code.filter((piece, index) => piece !== ',' || !/^[)\]}]/.test(code[index + 1] ?? ''));
  return createHash('sha256').update(bare.join('')).digest('hex');
}

/**
 * drizzle-kit's statements for the model in an empty database; undefined without drizzle-kit, as in production.
 * @param model drizzle's tables, enums and sequences
 */
export async function exportModel(model: Record<string, unknown>): Promise<string[] | undefined> {
  const kit = await import('drizzle-kit/api').catch(() => undefined);
  if (!kit) return undefined;
  const described = kit.generateDrizzleJson(model);
  return kit.generateMigration(kit.generateDrizzleJson({}), described);
}
