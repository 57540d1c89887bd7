import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { answerLint } from '@likeness/schema-tools/answers/plan.ts';
import type { Answer } from '@likeness/schema-tools/report/document.ts';
import { MigrationError, reasonOf } from '@likeness/schema-tools/history/errors.ts';
import { project, projectAt } from '../database.ts';
import { type Migration, readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { queueMigration } from '../platform/db/queue-migration.ts';
import { queue as installed } from '../platform/db/queue.ts';
import { queueVersionOf } from '@likeness/schema-tools/history/queue.ts';
import { answerCatalog, writeCatalog } from './catalog-file.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, outputFlags } from './database-command.ts';

const root = resolve(import.meta.dirname, '../..');
// From drizzle.config.ts, which drizzle-kit does not accept together with a folder.
const kitSettings = ['--dialect', 'postgresql', '--schema', './src/platform/db/schema.ts'];

export const command = defineCommand({
  name: 'db generate',
  summary: 'generate a migration from changes of the model, find its hazards, and write catalog.json',
  operands: ['[NAME]'],
  flags: {
    url: {
      type: 'string',
      placeholder: 'URL',
      description: 'a server to run the migrations on; nothing stays in it (DATABASE_URL, or an embedded one)',
    },
    custom: { type: 'boolean', default: false, description: 'create an empty file, for manual SQL' },
    'catalog-only': {
      type: 'boolean',
      default: false,
      description: 'write catalog.json for the existing migrations only',
    },
    queue: {
      type: 'boolean',
      default: false,
      description: 'generate the migration for the schema of the installed pg-boss',
    },
    folder: { type: 'string', placeholder: 'DIR', description: 'the migrations (those of the service)' },
    ...outputFlags,
  },
  run: async ({ url, custom, queue, 'catalog-only': catalogOnly, folder = project.folder, ...output }, [name]) => {
    if (catalogOnly && (name !== undefined || custom || queue))
      throw new UsageError('--catalog-only makes no migration: leave NAME, --custom and --queue away.');
    if (!catalogOnly && name === undefined) throw new UsageError('NAME is missing.');
    return answerWith('generate', output, async () => {
      if (name === undefined) return answerCatalog('generate', folder, await writeCatalog(folder, url));
      const before = new Set((await readMigrations(projectAt(folder))).map((migration) => migration.name));
      await makeMigration(folder, name, { custom, queue });
      await writeCatalog(folder, url);
      const made = (await readMigrations(projectAt(folder))).filter((migration) => !before.has(migration.name));
      return answerGenerated(name, made);
    });
  },
});

async function makeMigration(
  folder: string,
  name: string,
  { custom, queue }: { custom: boolean; queue: boolean },
): Promise<void> {
  const earlier = await readMigrations(projectAt(folder));
  const from = queueVersionOf(earlier);
  if (queue && from === installed.wanted)
    throw new MigrationError(
      'refused',
      `The migrations make version ${from} of the job queue: pg-boss needs no other.`,
    );
  const empty = custom || queue ? ['--custom'] : [];
  await runKit(['generate', ...kitSettings, '--out', relative(root, folder), '--name', name, ...empty]);
  if (queue) await fill(folder, new Set(earlier.map((migration) => migration.name)), queueMigration(from));
}

function answerGenerated(name: string, made: Migration[]): Answer {
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
    blocks: [{ type: 'verdict', mark: 'ok', text }, ...(made.length > 0 ? linted.blocks : [])],
  };
}

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
