/**
 * The order in which every transaction takes its locks, several of one kind by id, so that no two can deadlock. Locks
 * taken with `skip locked` or by a try never wait, and are exempt.
 */
const lockOrder = [
  'avatar',
  'user',
  'queue',
  'training',
  'generation',
  'image',
  'batch',
  'circuit',
  'endpoint',
  'key',
  'pack',
] as const;

type LockKind = (typeof lockOrder)[number];

/** The locks that a transaction holds, and the furthest of them in the order. */
export type Locks = { held: ReadonlySet<string>; furthest: string };

export const noLocks: Locks = { held: new Set(), furthest: '' };

let refuse: ((sentence: string) => never) | null = null;

/**
 * Makes a lock against the order fail its transaction, for tests. The service itself only risks a deadlock, which
 * PostgreSQL resolves.
 */
export function refuseDisorder(): void {
  refuse = (sentence) => {
    throw new Error(sentence);
  };
}

/**
 * Records row locks of one kind; called by every function that takes them.
 * @param ids of the rows in lock order; none for a kind with a single lock
 * @throws in tests, when the transaction holds a later lock
 */
export function noteLocks(tx: { locks: Locks }, kind: LockKind, ids: readonly string[] = ['']): void {
  let { held, furthest } = tx.locks;
  for (const id of ids) {
    // Place in the order, then id: the texts sort like the locks.
    const lock = `${lockOrder.indexOf(kind)} ${kind} ${id}`;
    if (held.has(lock)) continue;
    if (lock < furthest) refuse?.(`the lock "${lock}" is taken after "${furthest}": see ${import.meta.filename}`);
    held = new Set(held).add(lock);
    furthest = lock > furthest ? lock : furthest;
  }
  tx.locks = { held, furthest };
}
