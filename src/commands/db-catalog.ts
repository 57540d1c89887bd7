import { project } from '../database.ts';
import { answerCatalog, writeCatalog } from './catalog-file.ts';
import { defineCommand } from './command.ts';
import { answerWith, outputFlags } from './database-command.ts';

export const command = defineCommand({
  name: 'db catalog',
  summary: 'write migrations/catalog.json, which checks compare with',
  flags: {
    url: {
      type: 'string',
      placeholder: 'URL',
      description: 'a server to read the migrations with; nothing stays in it (DATABASE_URL, or an embedded one)',
    },
    folder: { type: 'string', placeholder: 'DIR', description: 'the migrations (those of the service)' },
    ...outputFlags,
  },
  run: async ({ url, folder = project.folder, ...output }) =>
    answerWith('catalog', output, async () => answerCatalog('catalog', folder, await writeCatalog(folder, url))),
});
