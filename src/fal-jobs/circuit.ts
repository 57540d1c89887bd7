import { eq, sql } from 'drizzle-orm';
import type { Db } from '../platform/db/client.ts';
import { noteLocks } from '../platform/db/lock-order.ts';
import type { Tx } from '../platform/db/transact.ts';
import { providerCircuit } from '../platform/db/schema.ts';
import type { BlockedReason } from './failures.ts';
import type { JobKind } from './kind.ts';

type Announces = Pick<JobKind, 'announce'>;

export type Circuit = typeof providerCircuit.$inferSelect;

/** Refusals of the account: one opens the circuit, since every job would get the same answer. */
const accountReasons: ReadonlySet<BlockedReason> = new Set([
  'provider-unauthorized',
  'provider-locked',
  'provider-balance-exhausted',
  'provider-rate-limited',
]);
/** Consecutive connection failures that open the circuit. */
const failureLimit = 3;

/**
 * Limit of the gap as a multiple of the first: each probe uploads the photos, so a lock of hours must not cost many.
 */
const longestGap = 15;

function probeGapMs(failures: number, retryMs: number): number {
  return retryMs * Math.min(2 ** Math.max(0, failures - failureLimit), longestGap);
}

const closed = { reason: null, opened_at: null, probe_at: null, failures: 0 };

export async function readCircuit(db: Db): Promise<Circuit> {
  const [row] = await db.select().from(providerCircuit).where(eq(providerCircuit.id, 1));
  return row ?? { id: 1, ...closed, updated_at: new Date() };
}

/**
 * Records that fal did not accept a job. A refusal of the account opens the circuit at once, failures to reach fal the
 * third time in a row. While it is open all jobs wait, and one at a time probes.
 * @param retryMs gap before the next probe; doubles with each consecutive refusal
 * @returns whether the circuit is open
 */
export async function noteRefusal(tx: Tx, kind: Announces, reason: BlockedReason, retryMs: number): Promise<boolean> {
  const circuit = await lockCircuit(tx);
  const failures = circuit.failures + 1;
  const isOpen = circuit.reason !== null || accountReasons.has(reason) || failures >= failureLimit;
  const now = new Date();
  const probeAt = new Date(now.getTime() + probeGapMs(failures, retryMs));
  await tx
    .update(providerCircuit)
    .set({
      failures,
      updated_at: now,
      ...(isOpen && { reason, opened_at: circuit.opened_at ?? now, probe_at: probeAt }),
    })
    .where(eq(providerCircuit.id, 1));
  if (isOpen && circuit.reason !== reason) await kind.announce(tx, 'provider.blocked', reason);
  return isOpen;
}

/** Records that fal accepted a job. @returns whether that closed the circuit */
export async function noteAdmission(tx: Tx, kind: Announces): Promise<boolean> {
  const before = await readCircuit(tx);
  if (before.reason === null && before.failures === 0) return false;
  const circuit = await lockCircuit(tx);
  await tx
    .update(providerCircuit)
    .set({ ...closed, updated_at: new Date() })
    .where(eq(providerCircuit.id, 1));
  if (circuit.reason === null) return false;
  await kind.announce(tx, 'provider.recovered', circuit.reason);
  return true;
}

/** Postpones the next probe; called by the job that probes, under the dispatcher's lock. */
export async function takeProbe(tx: Tx, nextProbeAt: Date): Promise<void> {
  noteLocks(tx, 'circuit');
  await tx.update(providerCircuit).set({ probe_at: nextProbeAt }).where(sql`${providerCircuit.reason} is not null`);
}

async function lockCircuit(tx: Tx): Promise<Circuit> {
  noteLocks(tx, 'circuit');
  await tx
    .insert(providerCircuit)
    .values({ id: 1, ...closed, updated_at: new Date() })
    .onConflictDoNothing();
  const [row] = await tx.select().from(providerCircuit).where(eq(providerCircuit.id, 1)).for('update');
  if (!row) throw new Error('the circuit has no row');
  return row;
}
