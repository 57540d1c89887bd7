import type pg from 'pg';
import { MigrationError, reasonOf, sqlStateOf } from '../history/errors.ts';
import { type Migration, schemaStatements } from '../history/folder.ts';
import { catalogAt, isCatalogOf, readCatalogFile } from './file.ts';
import { exportModel, hashModel } from './model.ts';
import type { Catalog } from './objects.ts';
import { buildScratch } from './scratch.ts';
import type { Project } from '../project.ts';

export type ExpectedSchema = {
  after: (count: number) => Catalog;
  /** `catalog.json`, or this server, which ran the files in a scratch schema. */
  source: 'catalog.json' | 'server';
};

const mayNotCreate = new Set(['42501', '25006']);
// A server's output is constant until it restarts, and reports and adoptions ask twice.
const answers = new Map<string, readonly Catalog[]>();

/**
 * The result of the migrations: from `catalog.json` when it belongs to these files, else by running them in a scratch
 * schema.
 * @throws MigrationError `failed` when neither works
 */
export async function expectSchema(
  client: pg.ClientBase,
  project: Project,
  migrations: readonly Migration[],
): Promise<ExpectedSchema> {
  const file = await readCatalogFile(project.folder);
  if (file && isCatalogOf(file, migrations))
    return { after: (count) => catalogAt(file, count), source: 'catalog.json' };
  const built = await expectOnServer(client, migrations);
  if (built) return built;
  const message = `catalog.json is missing or older than the migrations, and this role may not create a scratch schema to run them in: write it with \`${project.program} generate --catalog-only\` and commit it.`;
  throw new MigrationError('failed', message);
}

/**
 * The result of the migrations by this server only; undefined when the role may not create anything, as on a replica.
 * @param counts numbers of migrations after which to read; default after each
 */
export async function expectOnServer(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  counts: readonly number[] = migrations.map((_, index) => index + 1),
): Promise<ExpectedSchema | undefined> {
  // Without migrations there is nothing to read.
  const ends = [...new Set(counts)].filter((count) => count > 0).sort((a, b) => a - b);
  const groups = ends.map((end, index) => migrations.slice(ends[index - 1] ?? 0, end));
  try {
    const catalogs = await ask(client, groups);
    return { after: (count) => catalogs[ends.indexOf(count)] ?? [], source: 'server' };
  } catch (cause) {
    const sqlState = sqlStateOf(cause);
    if (sqlState !== undefined && mayNotCreate.has(sqlState)) return undefined;
    const message = `The migrations can't be run in a scratch schema: ${reasonOf(cause)}.`;
    throw new MigrationError('failed', message, { sqlState, cause });
  }
}

async function ask(client: pg.ClientBase, groups: readonly Migration[][]): Promise<readonly Catalog[]> {
  const question = JSON.stringify([await readIdentity(client), groups.map((group) => group.map(({ hash }) => hash))]);
  const known = answers.get(question);
  if (known) return known;
  const catalogs = await buildScratch(
    client,
    groups.map((group) => group.flatMap(schemaStatements)),
  );
  answers.set(question, catalogs);
  return catalogs;
}

// A start of a server, a database, a role, and whether it may write.
async function readIdentity(client: pg.ClientBase): Promise<unknown> {
  const { rows } = await client.query(
    `select pg_postmaster_start_time()::text, oid, current_user, current_setting('transaction_read_only')
     from pg_database where datname = current_database()`,
  );
  return rows[0];
}

/**
 * The model's schema, by drizzle-kit and this server. `same`: `catalog.json` was written with this model, so the
 * migrations create it. `unknown`: the model differs and drizzle-kit is not installed.
 */
export async function expectModel(
  client: pg.ClientBase,
  project: Project,
  migrations: readonly Migration[],
): Promise<Catalog | 'same' | 'unknown'> {
  const file = await readCatalogFile(project.folder);
  if (file && isCatalogOf(file, migrations) && file.model === (await hashModel(project))) return 'same';
  const statements = await exportModel(await project.model.load());
  if (!statements) return 'unknown';
  const [catalog = []] = await buildScratch(client, [statements]);
  return catalog;
}
