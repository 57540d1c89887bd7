import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { insertHistory } from '../history/history.ts';
import { enterAct, updateAct } from '../history/ledger.ts';
import { holdersOf, isLockTimeout } from '../history/lock-holders.ts';
import { MigrationError, type MigrationErrorCode, reasonOf, sqlStateOf } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { inTransaction } from '../history/transaction.ts';
import { splitStatements } from '../text/sql-text.ts';
import type { Project } from '../project.ts';

/** How long a statement waits for a lock, and how often its file is retried. */
export type LockPatience = {
  lockTimeoutMs: number;
  tries: number;
  pauseMs: number;
  /** Milliseconds for a CONCURRENTLY statement, which blocks no one; default one hour. */
  concurrentLockTimeoutMs?: number;
};

export const defaultPatience: LockPatience = { lockTimeoutMs: 3_000, tries: 5, pauseMs: 500 };

const hourMs = 3_600_000;

/**
 * Applies one file and records it in history and ledger, in one transaction, or statement by statement with `--
 * db:no-transaction`. A statement that waits for a lock makes others wait behind it, so it gives up soon and the file
 * is retried after a pause. Failures are recorded in the ledger, if the connection still works.
 * @param from the first statement to run in a file without a transaction, counted from 0
 * @throws MigrationError `failed`, `half_applied` or `unreachable`
 */
export async function applyMigration(
  client: pg.ClientBase,
  project: Project,
  migration: Migration,
  patience: LockPatience,
  from = 0,
): Promise<void> {
  if (!migration.transactional) return applyBare(client, project, migration, patience, from);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyWhole(client, project, migration, patience);
    } catch (error) {
      if (isLockTimeout(error) && attempt < patience.tries) {
        await delay(patience.pauseMs);
        continue;
      }
      const details = { error: reasonOf(error), sqlState: sqlStateOf(error) ?? null, attempts: attempt };
      await enterAct(client, project, { ...entryOf(migration), outcome: 'failed', details }).catch(() => undefined);
      throw fault(project, 'failed', migration, error, await holdersOf(client, migration.statements.join(';'), error));
    }
  }
}

async function applyWhole(
  client: pg.ClientBase,
  project: Project,
  migration: Migration,
  patience: LockPatience,
): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(`set local lock_timeout = ${patience.lockTimeoutMs}`);
    for (const statement of migration.statements) await client.query(statement);
    await insertHistory(client, migration);
    await enterAct(client, project, { ...entryOf(migration), outcome: 'done' });
  });
}

// The ledger is written before each statement, so that a killed process leaves its position.
async function applyBare(
  client: pg.ClientBase,
  project: Project,
  migration: Migration,
  patience: LockPatience,
  from: number,
): Promise<void> {
  const statements = bareStatements(migration);
  const before = await invalidIndexes(client);
  const details = { statement: from, of: statements.length };
  const act = await enterAct(client, project, { ...entryOf(migration), outcome: 'started', details });
  for (const [index, statement] of statements.entries()) {
    if (index < from) continue;
    await updateAct(client, project, act, { outcome: 'started', details: { statement: index } });
    // A CONCURRENTLY statement blocks neither readers nor writers while it waits, and one that gives up leaves an invalid
    // index behind: it waits long.
    const concurrent = /\bconcurrently\b/i.test(statement);
    const { lockTimeoutMs, concurrentLockTimeoutMs = hourMs } = patience;
    try {
      await client.query(`set lock_timeout = ${concurrent ? concurrentLockTimeoutMs : lockTimeoutMs}`);
      await client.query(statement);
    } catch (error) {
      const code = index > 0 || concurrent ? 'half_applied' : 'failed';
      const why = { error: reasonOf(error), sqlState: sqlStateOf(error) ?? null };
      await updateAct(client, project, act, { outcome: code, details: why }).catch(() => undefined);
      throw fault(project, code, migration, error, await holdersOf(client, statement, error));
    }
  }
  await client.query(`set lock_timeout = ${patience.lockTimeoutMs}`);
  await refuseInvalidIndexes(client, project, migration, act, before);
  await inTransaction(client, async () => {
    await insertHistory(client, migration);
    await updateAct(client, project, act, { outcome: 'done', details: { statement: statements.length } });
  });
}

/** The statements of a file without a transaction, each sent alone, since several in one query form a transaction. */
export function bareStatements({ statements }: Pick<Migration, 'statements'>): string[] {
  return statements.flatMap(splitStatements);
}

function entryOf({ name, hash }: Migration) {
  return { act: 'migrate' as const, target: name, hash };
}

// CREATE INDEX CONCURRENTLY IF NOT EXISTS accepts the invalid index of an earlier try.
async function refuseInvalidIndexes(
  client: pg.ClientBase,
  project: Project,
  migration: Migration,
  act: number,
  before: readonly string[],
): Promise<void> {
  const text = migration.statements.join('\n');
  const left = (await invalidIndexes(client)).filter((name) => !before.includes(name) || text.includes(name));
  if (left.length === 0) return;
  const reason = `invalid indexes are left: ${left.join(', ')}; drop them and migrate again`;
  await updateAct(client, project, act, { outcome: 'half_applied', details: { error: reason } });
  throw fault(project, 'half_applied', migration, new Error(reason));
}

async function invalidIndexes(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select indexrelid::regclass::text as name
    from pg_index
    join pg_class on pg_class.oid = indexrelid
    where not indisvalid and relnamespace <> all (array['pg_catalog', 'pg_toast']::regnamespace[])
    order by 1`);
  return rows.map(({ name }) => name);
}

function fault(
  project: Project,
  code: MigrationErrorCode,
  { name }: Migration,
  cause: unknown,
  holders = '',
): MigrationError {
  const sqlState = sqlStateOf(cause);
  const details = { file: name, sqlState, cause };
  const reason = `${reasonOf(cause)}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}${holders}`;
  if (code === 'half_applied') {
    return new MigrationError(
      code,
      `${name}.sql stopped in the middle, without a transaction to roll back: ${reason}. Mend what stopped it, then go on with \`${project.program} migrate --continue\`, or from its beginning with \`--restart\`.`,
      details,
    );
  }
  if (sqlState === undefined || project.connections.isLost(cause)) {
    const message = `The connection broke during ${name}.sql: ${reason}; migrate again, and the history tells whether it was applied.`;
    return new MigrationError('unreachable', message, details);
  }
  return new MigrationError(code, `${name}.sql failed and was rolled back: ${reason}.`, details);
}
