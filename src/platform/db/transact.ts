import type { Topic } from '../../topics.ts';
import type { Db } from './client.ts';
import { type Locks, noLocks } from './lock-order.ts';

/** A transaction that wakes topics after its commit. */
export type Tx = Db & {
  /** Wakes a topic after the outermost commit, once however often it is named; never after a rollback. */
  wake(topic: Topic): void;
  /** For lock-order.ts. */
  locks: Locks;
};

/** The database, or the transaction to join; and the process's wake-ups, without which polling finds the work. */
export type Unit = { db: Db; wakeups?: { wake(topic: Topic): void } };

/**
 * Runs one unit of work: commits all of it, then wakes its topics. Within another unit it joins that one. A crash
 * between commit and wake-up only costs time, since every listener also polls.
 * @param work writes only to the given transaction
 * @throws what `work` throws, after the rollback
 */
export async function transact<T>({ db, wakeups }: Unit, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (isTx(db)) return work(db);
  const topics = new Set<Topic>();
  const done = await db.transaction((tx) => work(unitOfWork(tx, topics, noLocks)));
  for (const topic of topics) wakeups?.wake(topic);
  return done;
}

/** Runs a part of a unit of work that may fail alone: when it throws, its writes and topics are undone. */
export async function savepoint<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const topics = new Set<Topic>();
  let part: Tx | undefined;
  const done = await tx.transaction((inner) => {
    part = unitOfWork(inner, topics, tx.locks);
    return work(part);
  });
  if (part) tx.locks = part.locks;
  for (const topic of topics) tx.wake(topic);
  return done;
}

function isTx(db: Db): db is Tx {
  return 'wake' in db;
}

function unitOfWork(tx: Db, topics: Set<Topic>, locks: Locks): Tx {
  return Object.assign(tx, { wake: (topic: Topic) => void topics.add(topic), locks });
}
