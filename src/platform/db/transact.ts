import type { Topic } from '../../topics.ts';
import type { Db } from './client.ts';
import { type Locks, noLocks } from './lock-order.ts';

/** A transaction that wakes, once it is committed, those who have something to do then. */
export type Tx = Db & {
  /** Names a topic that is woken after the outermost commit, once, however often it is named; never after a rollback. */
  wake(topic: Topic): void;
  /** What it has locked, for lock-order.ts. */
  locks: Locks;
};

/**
 * What a unit of work is made with: the database, or the transaction that it joins; and the wake-ups of the process, which a
 * command without them leaves to polling.
 */
export type Unit = { db: Db; wakeups?: { wake(topic: Topic): void } };

/**
 * Runs one unit of work: what it writes is committed as a whole, and the topics named in it are woken after that. Within
 * another unit it joins that one, whose commit is the one that counts. A crash between commit and wake-up costs time
 * alone, since every listener also polls.
 * @param work writes to the transaction that it is given, and to nothing else
 * @returns what `work` returns, after the commit
 * @throws what `work` throws, after the rollback
 */
export async function transact<T>({ db, wakeups }: Unit, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (isTx(db)) return work(db);
  const topics = new Set<Topic>();
  const done = await db.transaction((tx) => work(unitOfWork(tx, topics, noLocks)));
  for (const topic of topics) wakeups?.wake(topic);
  return done;
}

/**
 * Runs a part of a unit of work that may fail alone: when it throws, what it wrote and the topics it named are undone, and
 * the unit goes on.
 */
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
