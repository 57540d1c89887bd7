import { readFile } from 'node:fs/promises';
import { Problem, type ProblemItem } from '../errors.ts';
import { checkedForm, importPacks, readPacks } from '../features/packs/import-packs.ts';
import type { NamedPack } from '../features/packs/schemas.ts';
import { shippedPack } from '../features/packs/shipped.ts';
import { packSummary } from '../features/packs/view.ts';
import { defineCommand, UsageError } from './command.ts';
import { printList } from './table.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'packs import',
  summary: 'write the packs of a JSON file, all or none, or a shipped one: portrait, studio',
  operands: ['FILE'],
  flags: { json: { type: 'boolean', default: false, description: 'print one JSON object a line' } },
  run: async ({ json }, [file = '']) => {
    const packs = await explained(() => packsOf(file));
    return withDatabase('packs', async (database) => {
      const saved = await explained(() => importPacks(database, packs));
      const data = saved.map(({ pack, change }) => ({ ...packSummary(pack), change }));
      printList({ data }, json, ({ name, change, num_items, num_images }) => ({
        name,
        change,
        items: num_items,
        images: num_images,
      }));
      return 0;
    });
  },
});

// A name has neither dot nor slash, so that no file is taken for it.
async function packsOf(file: string): Promise<NamedPack[]> {
  const shipped = shippedPack(file);
  if (shipped !== undefined) return [checkedForm(shipped)];
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} can't be read (${error.code}): name a JSON file, or portrait or studio.`);
  });
  return readPacks(bytes);
}

/** Puts every fault of a file into the message. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const lines = error.errors.map(({ field, detail }: ProblemItem) => `\n  ${field} ${detail}`);
    throw new UsageError(`Nothing was imported. ${error.message}${lines.length > 1 ? lines.join('') : ''}`);
  }
}
