import { eq, sql } from 'drizzle-orm';
import type { Db } from '../platform/db/client.ts';
import { noteLocks } from '../platform/db/lock-order.ts';
import type { Tx } from '../platform/db/transact.ts';
import { providerCircuit } from '../platform/db/schema.ts';
import type { BlockedReason } from './failures.ts';
import type { JobKind } from './kind.ts';

type Announces = Pick<JobKind, 'announce'>;

export type Circuit = typeof providerCircuit.$inferSelect;

/** Reasons that lie with the account: one answer is enough, since every training would get the same. */
const accountReasons: ReadonlySet<BlockedReason> = new Set([
  'provider-unauthorized',
  'provider-locked',
  'provider-balance-exhausted',
  'provider-rate-limited',
]);
/** How often in a row fal may be out of reach before all wait. */
const failureLimit = 3;

/** Of the first gap: each try uploads the photos, so that a lock of many hours must not be tried each minute. */
const longestGap = 15;

function probeGapMs(failures: number, retryMs: number): number {
  return retryMs * Math.min(2 ** Math.max(0, failures - failureLimit), longestGap);
}

const closed = { reason: null, opened_at: null, probe_at: null, failures: 0 };

/** @returns the circuit, closed when nothing has ever gone wrong */
export async function readCircuit(db: Db): Promise<Circuit> {
  const [row] = await db.select().from(providerCircuit).where(eq(providerCircuit.id, 1));
  return row ?? { id: 1, ...closed, updated_at: new Date() };
}

/**
 * Notes that fal let no training in. Trouble with the account opens the circuit at once, being out of reach the third
 * time in a row; while it is open all wait, and one at a time tries again.
 * @param retryMs the gap before the next try, which doubles with each refusal in a row
 * @returns whether it is open now
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

/**
 * Notes that fal let a training in.
 * @returns whether that closed the circuit
 */
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

/** Puts the next try off; called by the one who makes it, under the dispatcher's lock. */
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
