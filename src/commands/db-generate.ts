import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { embeddedDatabase } from '../development/surroundings.ts';
import { answerLint } from '../schema-tools/answers/plan.ts';
import { makeCatalogFile, writeCatalogFile } from '../schema-tools/catalog/file.ts';
import { withConnection } from '../schema-tools/connect.ts';
import { MigrationError, reasonOf } from '../schema-tools/migration-error.ts';
import { migrationsFolder, readMigrations } from '../schema-tools/migrations-folder.ts';
import { defineCommand } from './command.ts';
import { answerWith, outputFlags } from './database-command.ts';

const root = resolve(import.meta.dirname, '../..');

export const command = defineCommand({
  name: 'db generate',
  summary: 'make a migration from what changed in the model, look for hazards, and write catalog.json',
  operands: ['NAME'],
  flags: {
    url: {
      type: 'string',
      placeholder: 'URL',
      description: 'a server to run the migrations on; nothing stays in it (DATABASE_URL, or an embedded one)',
    },
    custom: { type: 'boolean', default: false, description: 'an empty file, for SQL by hand' },
    ...outputFlags,
  },
  run: async ({ url: given, custom, ...output }, [name = '']) =>
    answerWith('generate', output, async () => {
      const before = new Set((await readMigrations(migrationsFolder)).map((migration) => migration.name));
      await runKit(['generate', '--name', name, ...(custom ? ['--custom'] : [])]);
      const migrations = await readMigrations(migrationsFolder);
      await using ends = new AsyncDisposableStack();
      const url = given ?? process.env['DATABASE_URL'] ?? (await embeddedDatabase(ends));
      const file = await withConnection(url, 'likeness db generate', (client) => makeCatalogFile(client, migrations));
      await writeCatalogFile(migrationsFolder, file);
      const made = migrations.filter((migration) => !before.has(migration.name));
      const linted = answerLint(made, []);
      const text =
        made.length === 0
          ? 'The model has not changed: no file was made.'
          : `Made ${made.map((each) => `${each.name}.sql`).join(', ')} and wrote catalog.json.`;
      return {
        ...linted,
        command: 'generate',
        title: `Migration ${name}`,
        data: { made: made.map((each) => each.name) },
        blocks: [{ type: 'verdict' as const, mark: 'ok' as const, text }, ...(made.length > 0 ? linted.blocks : [])],
      };
    }),
});

async function runKit(args: string[]): Promise<void> {
  const kit = resolve(root, 'node_modules/drizzle-kit/bin.cjs');
  try {
    await promisify(execFile)(process.execPath, [kit, ...args], { cwd: root });
  } catch (cause) {
    throw new MigrationError('failed', `drizzle-kit made no migration: ${reasonOf(cause)}`, { cause });
  }
}
