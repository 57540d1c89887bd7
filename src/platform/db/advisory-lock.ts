import { sql } from 'drizzle-orm';
import type { Db } from './client.ts';

/**
 * The service's advisory locks, each held by one process at a time. During an upgrade two versions run side by side, so
 * a published name stays.
 */
export const advisoryLocks = {
  dispatch: 'likeness:dispatch',
  /** Numbering events. */
  events: 'likeness:events',
  /** Creating deliveries. */
  fanOut: 'likeness:fan-out',
  /** Taking a place in the queue of trainings. */
  queue: 'likeness:queue',
  /** The first boot. */
  installation: 'likeness:installation',
  /** `npm run dev` on a database. */
  development: 'likeness:development',
} as const;

type AdvisoryLock = (typeof advisoryLocks)[keyof typeof advisoryLocks] | `idempotency ${string}`;

/** Takes a lock until the transaction ends, after earlier holders. */
export async function takeAdvisoryLock(tx: Db, name: AdvisoryLock): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

/** Takes a free lock until the transaction ends. @returns whether it was free */
export async function tryAdvisoryLock(tx: Db, name: AdvisoryLock): Promise<boolean> {
  const { rows } = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`,
  );
  return rows[0]?.locked ?? false;
}
