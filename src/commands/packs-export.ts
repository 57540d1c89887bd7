import { notFound } from '../errors.ts';
import { findPack } from '../features/packs/store.ts';
import { packInFile } from '../features/packs/view.ts';
import { defineCommand } from './command.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'packs export',
  summary: 'print a pack as JSON, for packs import',
  operands: ['NAME'],
  flags: {},
  run: (_flags, [name = '']) =>
    withDatabase('packs', async ({ db }) => {
      const pack = (await findPack(db, name)) ?? notFound('pack');
      process.stdout.write(`${JSON.stringify(packInFile(pack), null, 2)}\n`);
      return 0;
    }),
});
