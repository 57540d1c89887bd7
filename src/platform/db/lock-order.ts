/**
 * What one transaction may lock, in the order in which every transaction does. Two that each hold what the other waits
 * for would never end; of those who all take their locks in one order, the one that is furthest waits for nobody. Several
 * of one kind are taken in the order of their ids. What is taken with `skip locked`, or by a try, waits for nobody and
 * stands in no order.
 */
const lockOrder = ['avatar', 'user', 'queue', 'training', 'circuit', 'endpoint', 'key'] as const;

type LockKind = (typeof lockOrder)[number];

/** The locks of one transaction: all that it holds, and the one that is furthest in the order. */
export type Locks = { held: ReadonlySet<string>; furthest: string };

export const noLocks: Locks = { held: new Set(), furthest: '' };

let refuse: ((sentence: string) => never) | null = null;

/**
 * Has a lock against the order fail its transaction from now on, as tests do. A service goes on: two such transactions
 * seldom meet, and PostgreSQL ends one of them when they do.
 */
export function refuseDisorder(): void {
  refuse = (sentence) => {
    throw new Error(sentence);
  };
}

/**
 * Notes locks of one kind that a transaction takes; every function that locks rows calls it.
 * @param ids of the rows, in the order of the locks; none for a kind of which there is one
 * @throws in tests, when the transaction holds a lock that comes after one of them
 */
export function noteLocks(tx: { locks: Locks }, kind: LockKind, ids: readonly string[] = ['']): void {
  let { held, furthest } = tx.locks;
  for (const id of ids) {
    // The place in the order comes first, then the id, as PostgreSQL sorts uuids: the texts compare as the locks do.
    const lock = `${lockOrder.indexOf(kind)} ${kind} ${id}`;
    if (held.has(lock)) continue;
    if (lock < furthest) refuse?.(`the lock "${lock}" is taken after "${furthest}": see ${import.meta.filename}`);
    held = new Set(held).add(lock);
    furthest = lock > furthest ? lock : furthest;
  }
  tx.locks = { held, furthest };
}
