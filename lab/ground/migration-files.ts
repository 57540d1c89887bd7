import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const firstDate = Date.UTC(2026, 0, 1);

export type MigrationFile = { name: string; sql: string; when?: number };

/** Writes a migrations folder in drizzle-kit's layout, without snapshots, by default one file a day. */
export async function writeMigrations(folder: string, files: MigrationFile[]): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = files.map(({ name, when }, idx) => ({
    idx,
    version: '7',
    when: when ?? firstDate + idx * 86_400_000,
    tag: name,
    breakpoints: true,
  }));
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  for (const { name, sql } of files) await writeFile(join(folder, `${name}.sql`), sql);
}
