import { listPacks } from '../features/packs/store.ts';
import { packs } from '../platform/db/schema.ts';
import { packSummaryView } from '../features/packs/view.ts';
import { defineCommand } from './command.ts';
import { limitOf, listFlags, printList } from './table.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'packs list',
  summary: 'list packs by name',
  flags: listFlags,
  run: async ({ limit: asked, json }) => {
    const limit = limitOf(asked);
    return withDatabase('packs', async ({ db }) => {
      const data = (await listPacks(db, null, limit, 'all')).map(packSummaryView);
      printList({ data, total: await db.$count(packs) }, json, (pack) => ({
        name: pack.name,
        items: pack.num_items,
        images: pack.num_images,
        public: pack.public ? 'yes' : 'no',
        title: pack.title,
      }));
      return 0;
    });
  },
});
