import type pg from 'pg';
import { type HistoryProblem } from './errors.ts';
import type { Migration } from './folder.ts';
import { lookForTable, type Visibility } from './relations.ts';

export type HistoryRow = { id: number; hash: string; created_at: number };

export type Comparison = { applied: Migration[]; pending: Migration[]; problems: HistoryProblem[] };

/** Creates drizzle's history table, so that `drizzle-kit migrate` continues after this runner. */
export async function createHistory(client: pg.ClientBase): Promise<void> {
  if ((await historyVisibility(client)) !== 'absent') return;
  await client.query('create schema if not exists drizzle');
  await client.query(`
    create table if not exists drizzle.__drizzle_migrations (
      id serial primary key,
      hash text not null,
      created_at bigint
    )`);
}

/** The history by date; empty when there is no table, or no right to read it. */
export async function readHistory(client: pg.ClientBase): Promise<HistoryRow[]> {
  if ((await historyVisibility(client)) !== 'there') return [];
  const { rows } = await client.query<{ id: number; hash: string; created_at: string | number | null }>(
    'select id, hash, created_at from drizzle.__drizzle_migrations order by created_at, id',
  );
  return rows.map(({ id, hash, created_at }) => ({ id, hash, created_at: Number(created_at ?? 0) }));
}

export function historyVisibility(client: pg.ClientBase): Promise<Visibility> {
  return lookForTable(client, 'drizzle', '__drizzle_migrations');
}

/** Records a migration as applied, in its transaction where it has one. */
export async function insertHistory(client: pg.ClientBase, { hash, when }: Migration): Promise<void> {
  await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, when]);
}

/**
 * Compares folder and history by date and hash. Problems: a file edited after it was applied, a row without a file, one
 * newer than all files, a duplicate row, a file older than the newest applied one (which drizzle's migrator would
 * skip).
 */
export function compare(migrations: Migration[], rows: HistoryRow[]): Comparison {
  const byDate = new Map(migrations.map((migration) => [migration.when, migration]));
  const problems: HistoryProblem[] = [];
  const applied = new Map<number, Migration>();
  const newestFile = Math.max(0, ...byDate.keys());
  for (const row of rows) {
    const migration = byDate.get(row.created_at);
    if (migration === undefined) problems.push(row.created_at > newestFile ? newerRow(row) : unknownRow(row));
    else if (applied.has(row.created_at)) problems.push(duplicateRow(row, migration));
    else if (migration.hash !== row.hash) problems.push(editedFile(migration));
    if (migration !== undefined) applied.set(row.created_at, migration);
  }
  const newest = Math.max(0, ...rows.map((row) => row.created_at));
  const pending = migrations.filter((migration) => !applied.has(migration.when));
  for (const migration of pending) if (migration.when < newest) problems.push(tooOld(migration));
  return { applied: [...applied.values()], pending, problems };
}

function unknownRow({ id, created_at }: HistoryRow): HistoryProblem {
  const message = `Row ${id} of drizzle.__drizzle_migrations (${new Date(created_at).toISOString()}) matches no file: the database was migrated by other code.`;
  return { kind: 'unknown', object: String(id), message };
}

function newerRow({ id, created_at }: HistoryRow): HistoryProblem {
  const message = `Row ${id} of drizzle.__drizzle_migrations (${new Date(created_at).toISOString()}) is newer than every file: the database was migrated by newer code.`;
  return { kind: 'ahead', object: String(id), message };
}

function duplicateRow({ id }: HistoryRow, { name }: Migration): HistoryProblem {
  return {
    kind: 'duplicate',
    object: name,
    message: `${name} is recorded twice, again in row ${id}: it may have run twice.`,
  };
}

function editedFile({ name }: Migration): HistoryProblem {
  const message = `${name}.sql was edited after it was applied: restore it and put the change into a new migration.`;
  return { kind: 'edited', object: name, message };
}

function tooOld({ name }: Migration): HistoryProblem {
  const message = `${name} is older than the newest migration applied here: generate it anew so that it comes last.`;
  return { kind: 'out_of_order', object: name, message };
}
