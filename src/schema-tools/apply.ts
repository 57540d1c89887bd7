import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { insertHistory } from './history.ts';
import { MigrationError, type MigrationErrorCode, reasonOf, sqlStateOf } from './migration-error.ts';
import type { Migration } from './migrations-folder.ts';

/** How long a statement waits for a lock, and how often a file is tried when it got none. */
export type LockPatience = { lockTimeoutMs: number; tries: number; pauseMs: number };

export const defaultPatience: LockPatience = { lockTimeoutMs: 3_000, tries: 5, pauseMs: 500 };

const lockNotAvailable = '55P03';
// The connection, or the server behind it, went away: classes 08 and 57P, or an error that is not PostgreSQL's.
const connectionLost = /^(08|57P0)/;

/**
 * Applies one file and records it: in one transaction, or statement by statement when the file says
 * `-- db:no-transaction`. While a statement waits for a lock, all who come after it wait too; so it gives up soon and
 * the file is tried again after a pause. Throws MigrationError `failed`, `half_applied` or `unreachable`.
 */
export async function applyMigration(
  client: pg.ClientBase,
  migration: Migration,
  patience: LockPatience,
): Promise<void> {
  if (!migration.transactional) return applyBare(client, migration, patience);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyWhole(client, migration, patience);
    } catch (error) {
      if (sqlStateOf(error) !== lockNotAvailable || attempt >= patience.tries) throw fault('failed', migration, error);
      await delay(patience.pauseMs);
    }
  }
}

async function applyWhole(client: pg.ClientBase, migration: Migration, patience: LockPatience): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${patience.lockTimeoutMs}`);
    for (const statement of migration.statements) await client.query(statement);
    await insertHistory(client, migration);
    await client.query('commit');
  } catch (error) {
    // The first error says what is wrong; a rollback on a lost connection would hide it.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function applyBare(client: pg.ClientBase, migration: Migration, patience: LockPatience): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    // A CONCURRENTLY statement blocks neither readers nor writers while it waits, and one that gives up leaves an invalid
    // index behind: it may wait as long as it takes.
    const concurrent = /\bconcurrently\b/i.test(statement);
    try {
      await client.query(`set lock_timeout = ${concurrent ? 0 : patience.lockTimeoutMs}`);
      await client.query(statement);
    } catch (error) {
      throw fault(index > 0 || concurrent ? 'half_applied' : 'failed', migration, error);
    }
  }
  await client.query('reset lock_timeout');
  await refuseInvalidIndexes(client, migration);
  await insertHistory(client, migration);
}

// CREATE INDEX CONCURRENTLY IF NOT EXISTS passes over the invalid index that an earlier try has left.
async function refuseInvalidIndexes(client: pg.ClientBase, migration: Migration): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    select indexrelid::regclass::text as name
    from pg_index
    join pg_class on pg_class.oid = indexrelid
    where not indisvalid and relnamespace <> all (array['pg_catalog', 'pg_toast']::regnamespace[])`);
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw fault('half_applied', migration, new Error(`invalid indexes are left: ${names}; drop them and migrate again`));
}

function fault(code: MigrationErrorCode, { name }: Migration, cause: unknown): MigrationError {
  const sqlState = sqlStateOf(cause);
  const details = { file: name, sqlState, cause };
  const reason = `${reasonOf(cause)}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`;
  if (code === 'half_applied') {
    return new MigrationError(
      code,
      `${name}.sql stopped in the middle, without a transaction to roll back: ${reason}.`,
      details,
    );
  }
  if (sqlState === undefined || connectionLost.test(sqlState)) {
    const message = `The connection broke during ${name}.sql: ${reason}; migrate again, and the history tells whether it was applied.`;
    return new MigrationError('unreachable', message, details);
  }
  return new MigrationError(code, `${name}.sql failed and was rolled back: ${reason}.`, details);
}
