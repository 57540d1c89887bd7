import { join } from 'node:path';
import { embeddedDatabase } from './development/surroundings.ts';
import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { makeCatalogFile, writeCatalogFile } from '@likeness/schema-tools/catalog/file.ts';
import { withConnection } from '../platform/db/connect.ts';
import { project, projectAt } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
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
  run: async ({ url: given, folder = project.folder, ...output }) =>
    answerWith('catalog', output, async () => {
      await using ends = new AsyncDisposableStack();
      const url = given ?? process.env['DATABASE_URL'] ?? (await embeddedDatabase(ends));
      const migrations = await readMigrations(projectAt(folder));
      const file = await withConnection(url, 'likeness db catalog', (client) =>
        makeCatalogFile(client, project, migrations),
      );
      await writeCatalogFile(folder, file);
      const path = join(folder, 'catalog.json');
      return answerDone(project, 'catalog', {}, `Wrote ${path}: ${file.objects.length} objects.`, {
        path,
        objects: file.objects.length,
      });
    }),
});
