import pg from 'pg';
import type { BaseLogger } from 'pino';
import { connectionConfig } from '../db/client.ts';
import { applyMigration, defaultPatience, type LockPatience } from './apply.ts';
import { findMissingEffects } from './effects.ts';
import { compare, createHistory, readHistory } from './history.ts';
import { type HistoryProblem, MigrationError, reasonOf, refuse, sqlStateOf } from './migration-error.ts';
import { withMigrationLock } from './migration-lock.ts';
import { readMigrations } from './migrations-folder.ts';
import { migrateQueue, type QueueSchema } from './queue-schema.ts';
import { readQueueVersion, wantedQueueVersion } from './queue-version.ts';

export type MigrateOptions = {
  url: string;
  /** The folder that drizzle-kit writes; `migrations` in the working directory when left out. */
  folder?: string;
  log?: Pick<BaseLogger, 'info'>;
  /** How long to wait for another process that migrates; 60 s when left out. */
  lockWaitMs?: number;
  patience?: LockPatience;
};

/** The names of the files applied now, how many were applied before, and what became of pg-boss's schema. */
export type MigrateResult = { applied: string[]; already: number; pgboss: QueueSchema };

export type MigrationStatus = {
  applied: string[];
  pending: string[];
  problems: HistoryProblem[];
  pgboss: { version: number | null; wanted: number };
};

/**
 * Brings the database up to the migrations folder and to the installed pg-boss, and checks that it is there. Several
 * processes may do so at once: one works, the others wait and find nothing to do. Works on the history table of
 * `drizzle-kit migrate` and can take turns with it. Throws MigrationError.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const { folder = 'migrations', lockWaitMs = 60_000, patience = defaultPatience, log } = options;
  const migrations = await readMigrations(folder);
  return withClient(options.url, (client) =>
    withMigrationLock(client, lockWaitMs, async () => {
      const { applied, pending, problems } = compare(migrations, await readHistory(client));
      if (problems.length > 0) refuse(problems);
      await createHistory(client);
      for (const migration of pending) {
        await applyMigration(client, migration, patience);
        log?.info({ migration: migration.name }, 'applied a migration');
      }
      const pgboss = await migrateQueue(client);
      const missing = await findMissingEffects(client, folder, migrations);
      if (missing.length > 0) refuse(missing);
      return { applied: pending.map(({ name }) => name), already: applied.length, pgboss };
    }),
  );
}

/** What migrate() would do and what would keep it from it; reads only. Throws MigrationError `unreachable` or, for a broken folder, `history_broken`. */
export async function migrationStatus({
  url,
  folder = 'migrations',
}: Pick<MigrateOptions, 'url' | 'folder'>): Promise<MigrationStatus> {
  const migrations = await readMigrations(folder);
  return withClient(url, async (client) => {
    const { applied, pending, problems } = compare(migrations, await readHistory(client));
    const missing = pending.length === 0 ? await findMissingEffects(client, folder, migrations) : problems;
    return {
      applied: applied.map(({ name }) => name),
      pending: pending.map(({ name }) => name),
      problems: missing,
      pgboss: { version: await readQueueVersion(client), wanted: wantedQueueVersion },
    };
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    ...connectionConfig(url),
    application_name: 'likeness db migrate',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks rejects the query at work; the event needs a listener all the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A limit that suits the service's role must not cut a migration short.
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw unreachable(client, cause);
  }
  try {
    return await work(client);
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError('failed', `The database could not be migrated: ${reasonOf(cause)}.`, {
      sqlState: sqlStateOf(cause),
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function unreachable({ host, port, database }: pg.Client, cause: unknown): MigrationError {
  const place = `the database ${database ?? ''} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;
  return new MigrationError('unreachable', `Can't connect to ${place}: ${reasonOf(cause)}.`, {
    sqlState: sqlStateOf(cause),
    cause,
  });
}
