import type { Context } from '../../context.ts';
import { eventFrame } from './frames.ts';
import { topics } from '../../topics.ts';
import { type Event, findEvents, findLastSequence } from './store.ts';

export type TailedEvent = { event: Event; frame: Buffer };

export type Reader = {
  /** Receives every event after the reader's position, in order and synchronously. */
  take: (batch: readonly TailedEvent[]) => void;
  /** No more events follow: the process is stopping. */
  end: () => void;
};

export type Tail = {
  /** @returns the position after which the reader receives every event, and a function that unsubscribes it */
  follow(reader: Reader): Promise<{ from: number; leave: () => void }>;
  /** True once the process is stopping; later readers are ended at once. */
  readonly closed: boolean;
  close(): void;
};

const batch = 500;

/**
 * Reads the end of the log once for all readers of this process: a query after each wake-up, and one at intervals for
 * wake-ups that were lost. It pauses while there are no readers.
 * @param everyMs the longest gap between two queries
 */
export function createTail({ db, wakeups, log }: Pick<Context, 'db' | 'wakeups' | 'log'>, everyMs: number): Tail {
  const readers = new Set<Reader>();
  let position = 0;
  let reading = false;
  let again = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  const off = wakeups.on(topics.eventsSequenced, look);

  function look(): void {
    again = true;
    if (!reading && readers.size > 0) void read();
  }

  async function read(): Promise<void> {
    reading = true;
    try {
      while (again && readers.size > 0) {
        again = false;
        const found = await findEvents(db, { after: position, limit: batch });
        if (found.length === batch) again = true;
        hand(found.filter(({ sequence }) => sequence > position));
      }
    } catch (error) {
      log.warn({ err: error }, 'the newest events could not be read; event streams wait for them');
    } finally {
      reading = false;
    }
  }

  function hand(events: Event[]): void {
    const last = events.at(-1);
    if (!last) return;
    position = last.sequence;
    const tailed = events.map((event) => ({ event, frame: eventFrame(event) }));
    for (const reader of readers) reader.take(tailed);
  }

  function leave(reader: Reader): void {
    readers.delete(reader);
    if (readers.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    async follow(reader) {
      if (readers.size === 0) {
        // Without readers the position stood still; the new reader finds older events in the database.
        const last = await findLastSequence(db);
        // A reader that joined during the query must get everything after the old position.
        if (readers.size === 0) position = Math.max(position, last);
      }
      readers.add(reader);
      if (closed) reader.end();
      timer ??= setInterval(look, everyMs).unref();
      look();
      return { from: position, leave: () => leave(reader) };
    },
    get closed() {
      return closed;
    },
    close() {
      closed = true;
      off();
      for (const reader of readers) reader.end();
    },
  };
}
