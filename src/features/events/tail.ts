import type { Context } from '../../context.ts';
import { eventFrame } from './frames.ts';
import { topics } from '../../topics.ts';
import { type Event, findEvents, findLastSequence } from './store.ts';

/** An event with its frame, which is made once for all readers. */
export type TailedEvent = { event: Event; frame: Buffer };

export type Reader = {
  /** Gets every event after the position at which it began, in order, in the turn in which it was read. */
  take: (batch: readonly TailedEvent[]) => void;
  /** Nothing more will come: the process is stopping. */
  end: () => void;
};

export type Tail = {
  /** @returns the position from which on the reader gets everything, and a function that ends it */
  follow(reader: Reader): Promise<{ from: number; leave: () => void }>;
  /** Whether the process is stopping: all readers were ended, and who comes now is ended at once. */
  readonly closed: boolean;
  close(): void;
};

const batch = 500;

/**
 * Reads the end of the log once for all readers of this process: one query when events were numbered, whoever numbered
 * them, and one every so often in case nobody said so. Without readers it rests.
 * @param everyMs the gap between two looks that nothing has called for
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
      log.warn({ err: error }, 'the newest events could not be read for the streams, which wait');
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
        // While nobody read, the log went on; what is numbered by now the reader finds by itself.
        const last = await findLastSequence(db);
        // Whoever has joined meanwhile is owed all from where the tail stood then.
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
