import { migrationsFolder } from '../schema-tools/migrations-folder.ts';
import { makeCatalogFile, renderCatalogFile, writeCatalogFile } from '../schema-tools/catalog/file.ts';
import { withConnection } from '../schema-tools/connect.ts';
import { readMigrations } from '../schema-tools/migrations-folder.ts';
import { embeddedDatabase } from '../development/surroundings.ts';
import { defineCommand } from './command.ts';

export const command = defineCommand({
  name: 'db catalog',
  summary: 'write migrations/catalog.json, which checks compare with',
  flags: {
    url: {
      type: 'string',
      placeholder: 'URL',
      description: 'a server to read the migrations with; nothing stays in it (DATABASE_URL, or an embedded one)',
    },
  },
  run: async ({ url: given }) => {
    await using ends = new AsyncDisposableStack();
    const url = given ?? process.env['DATABASE_URL'] ?? (await embeddedDatabase(ends));
    const migrations = await readMigrations(migrationsFolder);
    const file = await withConnection(url, 'likeness db catalog', (client) => makeCatalogFile(client, migrations));
    await writeCatalogFile(migrationsFolder, file);
    const lines = renderCatalogFile(file).split('\n').length;
    process.stdout.write(`wrote ${migrationsFolder}/catalog.json: ${file.objects.length} objects, ${lines} lines\n`);
    return 0;
  },
});
