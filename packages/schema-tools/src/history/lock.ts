import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { MigrationError } from './errors.ts';

const pollMs = 100;
const key = `hashtextextended('db:migrate:' || current_database(), 0)`;

/**
 * Runs `work` with the database's migration lock. The lock is polled: a session that waits in pg_advisory_lock() would
 * deadlock with the holder's CREATE INDEX CONCURRENTLY, which waits for all other snapshots.
 * @throws MigrationError `busy`, naming the holder, after `waitMs`
 */
export async function withMigrationLock<T>(client: pg.ClientBase, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs;
  while (!(await tryLock(client))) {
    if (Date.now() >= deadline)
      throw new MigrationError('busy', `Another process migrates this database: ${await describeHolder(client)}.`);
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    // A lost connection has released the lock.
    await client.query(`select pg_advisory_unlock(${key})`).catch(() => undefined);
  }
}

async function tryLock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${key}) as locked`);
  return rows[0]?.locked === true;
}

async function describeHolder(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ pid: number; application_name: string; since: Date | null }>(`
    select activity.pid, application_name, backend_start as since
    from pg_locks
    join pg_stat_activity as activity on activity.pid = pg_locks.pid
    where locktype = 'advisory' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32 | objid::bigint) = ${key}`);
  const holder = rows[0];
  if (holder === undefined) return 'it ended just now, so try again';
  return `PostgreSQL process ${holder.pid} (${holder.application_name || 'unnamed'}), connected since ${holder.since?.toISOString() ?? 'an unknown time'}`;
}
