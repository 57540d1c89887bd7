import type pg from 'pg';
import { expectSchema } from '../catalog/expected.ts';
import type { CatalogObject, ObjectKind } from '../catalog/objects.ts';
import { readCatalog, readCatalogWithin } from '../catalog/read.ts';
import { readDatabaseName } from './check.ts';
import { dropObject } from '../fix/ddl.ts';
import { compare, createHistory, insertHistory, readHistory } from '../history/history.ts';
import { createLedger, enterAct } from '../history/ledger.ts';
import { MigrationError } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { findMissingQueue } from '../history/queue.ts';
import { inTransaction } from '../history/transaction.ts';
import { driftFrom } from './stamp.ts';
import type { Project } from '../project.ts';

export type ResetState = { recorded: string[]; removed: number; backup: string | null };

/**
 * Rebuilds the history table from the schema: finds the newest migration whose result it is, and records all up to it.
 * The old rows are kept in a table and in the ledger. The caller holds the migration lock.
 * @throws MigrationError `refused` when the schema is the result of no migration
 */
export async function resetState(
  client: pg.ClientBase,
  { project, migrations }: { project: Project; migrations: Migration[] },
): Promise<ResetState> {
  const old = await readHistory(client);
  if (compare(migrations, old).problems.some(({ kind }) => kind === 'ahead')) {
    const message = `Newer code migrated this database, and its history is that code’s: run the newer \`${project.program} reset --state\`.`;
    throw new MigrationError('refused', message);
  }
  const count = await findCount(client, project, migrations);
  await createHistory(client);
  await createLedger(client, project);
  const backup =
    old.length === 0 ? null : `__drizzle_migrations_${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}`;
  const recorded = migrations.slice(0, count);
  await inTransaction(client, async () => {
    if (backup !== null) await client.query(`create table drizzle.${backup} as table drizzle.__drizzle_migrations`);
    await client.query('delete from drizzle.__drizzle_migrations');
    for (const migration of recorded) await insertHistory(client, migration);
    await enterAct(client, project, {
      act: 'reset',
      target: 'state',
      hash: null,
      outcome: 'done',
      details: { backup },
      before: { history: old },
      after: { history: recorded.map(({ name, hash, when }) => ({ name, hash, created_at: when })) },
    });
  });
  return { recorded: recorded.map(({ name }) => name), removed: old.length, backup };
}

async function findCount(client: pg.ClientBase, project: Project, migrations: Migration[]): Promise<number> {
  let nearest: { name: string; differences: string[] } | undefined;
  for (let count = migrations.length; count > 0; count -= 1) {
    const found = (await driftFrom(client, { project, migrations }, count)).filter(({ cause }) => cause !== 'accepted');
    if (found.length === 0 && !(await findMissingQueue(client, project, migrations.slice(0, count)))) return count;
    const name = migrations[count - 1]?.name ?? '';
    if (!nearest || found.length < nearest.differences.length) {
      nearest = { name, differences: found.map(({ code, object }) => `${code} ${object}`) };
    }
  }
  const ours = (await expectSchema(client, project, migrations)).after(migrations.length);
  const names = new Set(ours.filter(({ kind }) => kind === 'table').map(({ name }) => name));
  const isEmpty = !(await readCatalog(client)).some(({ kind, name }) => kind === 'table' && names.has(name));
  if (!nearest || isEmpty) return 0;
  const list = nearest.differences.slice(0, 10).join(', ');
  throw new MigrationError(
    'refused',
    `The schema is none that the migrations make. The nearest is ${nearest.name}, with ${nearest.differences.length} differences: ${list}. Repair or accept them first.`,
  );
}

// Extensions belong to the server and stay, since creating them may need more rights.
const standing = new Set<ObjectKind>(['view', 'table', 'sequence', 'function', 'enum', 'type']);

function dropIfExists(object: CatalogObject): string {
  return dropObject(object).replace(/^drop (materialized view|\w+) /, 'drop $1 if exists ');
}

/**
 * Drops the contents of a database after confirmation of its name. The caller holds the migration lock.
 * @param confirmed the confirmed name; default: ask
 * @returns its name
 * @throws MigrationError `refused` for another name
 */
export async function emptyDatabase(
  client: pg.ClientBase,
  project: Project,
  confirmed: string | undefined,
  ask: (name: string) => Promise<void>,
): Promise<string> {
  const name = await readDatabaseName(client);
  if (confirmed !== undefined && confirmed !== name) {
    throw new MigrationError(
      'refused',
      `The database is called ${name}, and --confirm says ${confirmed}: nothing was changed.`,
    );
  }
  if (confirmed === undefined) await ask(name);
  await dropDatabase(client, project, name);
  return name;
}

/** Drops the service's schema, its history and the job queue. The ledger stays, with an entry. */
async function dropDatabase(client: pg.ClientBase, project: Project, database: string): Promise<void> {
  await createLedger(client, project);
  await inTransaction(client, async () => {
    const { rows } = await client.query<{ name: string; rows: number }>(
      `select relname as name, n_live_tup as rows from pg_stat_user_tables where schemaname = 'public' order by 1`,
    );
    for (const object of await readCatalogWithin(client)) {
      if (standing.has(object.kind)) await client.query(`${dropIfExists(object)} cascade`);
    }
    await client.query('set local search_path to public');
    await client.query(`drop schema if exists ${project.queue.schema} cascade`);
    await client.query(
      `drop table if exists drizzle.__drizzle_migrations; delete from drizzle.${project.ledger}_accepted`,
    );
    await enterAct(client, project, {
      act: 'reset',
      target: database,
      hash: null,
      outcome: 'done',
      before: { tables: rows },
    });
  });
}
