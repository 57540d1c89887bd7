import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { embeddedDatabase } from './development/surroundings.ts';
import { answerLint } from '@likeness/schema-tools/answers/plan.ts';
import { makeCatalogFile, writeCatalogFile } from '@likeness/schema-tools/catalog/file.ts';
import { withConnection } from '../platform/db/connect.ts';
import { MigrationError, reasonOf } from '@likeness/schema-tools/history/errors.ts';
import { project, projectAt } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { queueMigration } from '../platform/db/queue-migration.ts';
import { queue as installed } from '../platform/db/queue.ts';
import { queueVersionOf } from '@likeness/schema-tools/history/queue.ts';
import { defineCommand } from './command.ts';
import { answerWith, outputFlags } from './database-command.ts';

const root = resolve(import.meta.dirname, '../..');
// As drizzle.config.ts, which drizzle-kit does not take beside a folder.
const kitSettings = ['--dialect', 'postgresql', '--schema', './src/platform/db/schema.ts'];

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
    queue: { type: 'boolean', default: false, description: 'what the installed pg-boss needs of its schema' },
    folder: { type: 'string', placeholder: 'DIR', description: 'the migrations (those of the service)' },
    ...outputFlags,
  },
  run: async ({ url: given, custom, queue, folder = project.folder, ...output }, [name = '']) =>
    answerWith('generate', output, async () => {
      const earlier = await readMigrations(projectAt(folder));
      const before = new Set(earlier.map((migration) => migration.name));
      const from = queueVersionOf(earlier);
      if (queue && from === installed.wanted)
        throw new MigrationError(
          'refused',
          `The migrations make version ${from} of the job queue: pg-boss needs no other.`,
        );
      await runKit([
        'generate',
        ...kitSettings,
        '--out',
        relative(root, folder),
        '--name',
        name,
        ...(custom || queue ? ['--custom'] : []),
      ]);
      if (queue) await fill(folder, before, queueMigration(from));
      const migrations = await readMigrations(projectAt(folder));
      await using ends = new AsyncDisposableStack();
      const url = given ?? process.env['DATABASE_URL'] ?? (await embeddedDatabase(ends));
      const file = await withConnection(url, 'likeness db generate', (client) =>
        makeCatalogFile(client, project, migrations),
      );
      await writeCatalogFile(folder, file);
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

async function fill(folder: string, before: ReadonlySet<string>, text: string): Promise<void> {
  const made = (await readMigrations(projectAt(folder))).find(({ name }) => !before.has(name));
  if (made) await writeFile(join(folder, `${made.name}.sql`), text);
}

async function runKit(args: string[]): Promise<void> {
  const kit = resolve(root, 'node_modules/drizzle-kit/bin.cjs');
  try {
    await promisify(execFile)(process.execPath, [kit, ...args], { cwd: root });
  } catch (cause) {
    throw new MigrationError('failed', `drizzle-kit made no migration: ${reasonOf(cause)}`, { cause });
  }
}
