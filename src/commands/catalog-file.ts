import { join } from 'node:path';
import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { type CatalogFile, makeCatalogFile, writeCatalogFile } from '@likeness/schema-tools/catalog/file.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import type { Answer } from '@likeness/schema-tools/report/document.ts';
import { project, projectAt } from '../database.ts';
import { withConnection } from '../platform/db/connect.ts';
import { embeddedDatabase } from './development/surroundings.ts';

/** Writes `catalog.json` for a folder of migrations. @param given a server to run them on; they leave nothing there */
export async function writeCatalog(folder: string, given: string | undefined): Promise<CatalogFile> {
  await using ends = new AsyncDisposableStack();
  const url = given ?? process.env['DATABASE_URL'] ?? (await embeddedDatabase(ends));
  const migrations = await readMigrations(projectAt(folder));
  const file = await withConnection(url, 'likeness db generate', (client) =>
    makeCatalogFile(client, project, migrations),
  );
  await writeCatalogFile(folder, file);
  return file;
}

export function answerCatalog(command: string, folder: string, { objects }: CatalogFile): Answer {
  const path = join(folder, 'catalog.json');
  const text = `Wrote ${path}: ${objects.length} objects.`;
  return answerDone(project, command, {}, text, { path, objects: objects.length });
}
