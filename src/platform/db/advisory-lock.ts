import { sql } from 'drizzle-orm';
import type { Db } from './client.ts';

/** The advisory locks of the service. Processes of two versions run side by side, so a name, once used, stays. */
export const advisoryLocks = {
  /** One dispatcher at a time. */
  dispatch: 'likeness:dispatch',
  /** One numbers events at a time. */
  events: 'likeness:events',
  /** One makes deliveries of events at a time. */
  fanOut: 'likeness:fan-out',
  /** One at a time takes a place in the queue of trainings. */
  queue: 'likeness:queue',
  /** One process at a time is at its first start. */
  installation: 'likeness:installation',
  /** One `npm run dev` works on a database. */
  development: 'likeness:development',
} as const;

type AdvisoryLock = (typeof advisoryLocks)[keyof typeof advisoryLocks] | `idempotency ${string}`;

/** Takes a lock until the transaction ends, after those who hold it. */
export async function takeAdvisoryLock(tx: Db, name: AdvisoryLock): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

/** Takes a lock until the transaction ends, unless somebody holds it. @returns whether it was taken */
export async function tryAdvisoryLock(tx: Db, name: AdvisoryLock): Promise<boolean> {
  const { rows } = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`,
  );
  return rows[0]?.locked ?? false;
}
