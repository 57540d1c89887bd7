import { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import { createWaker } from '../../platform/async/waker.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { closingFrame, eventFrame, heartbeatFrame, openingFrame } from './frames.ts';
import { type EventFilter, findEvents, isWanted } from './store.ts';
import type { Reader, Tail } from './tail.ts';

export type StreamOptions = {
  /** The sequence number to begin after; null to begin with new events. */
  after: number | null;
  filter: EventFilter;
  reach: Reach;
  /** Called before the first frame: whether the caller's credentials are still valid. */
  isAllowed: () => Promise<boolean>;
};

type Needs = Pick<Context, 'config' | 'db' | 'log'>;

const page = 500;
const retryMs = 2000;

/**
 * Creates a stream of server-sent events in three phases. *Backfill* pages through the database until few events are
 * left. *Cut-over* joins the tail, which buffers new events from then on, and reads what lies between. *Live* sends
 * what the tail delivers. Events are compared by number, so none is sent twice or skipped. A reader that falls too far
 * behind, or reads nothing for two heartbeats, is disconnected; it resumes by Last-Event-ID.
 */
export function createEventStream({ config, db, log }: Needs, tail: Tail, options: StreamOptions): Readable {
  const { filter, reach, isAllowed } = options;
  const { heartbeatMs, bufferBytes } = config.streams;
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  // Everything wanted up to `position` is sent; up to `seen` it is sent or buffered.
  let position = options.after ?? 0;
  let seen = 0;
  let state: 'open' | 'stopping' | 'gone' = 'open';
  let isBeatDue = false;
  const waker = createWaker();

  const reader: Reader = {
    take(batch) {
      // Counts earlier batches only; a single batch may exceed the buffer.
      if (waitingBytes > bufferBytes) return tooSlow('more waits for it than may');
      for (const { event, frame } of batch) {
        // The database may have been read past the tail's position.
        if (event.sequence <= position) continue;
        seen = event.sequence;
        if (!isWanted(event, filter, reach)) continue;
        waiting.push(frame);
        waitingBytes += frame.length;
      }
      waker.wake();
    },
    end() {
      if (state === 'open') state = 'stopping';
      waker.wake();
    },
  };

  async function* frames(): AsyncGenerator<Buffer> {
    if (options.after !== null) {
      yield openingFrame(position, retryMs);
      yield* backfill();
    }
    const { from, leave } = await tail.follow(reader);
    seen = Math.max(seen, position, from);
    try {
      if (options.after === null) {
        position = from;
        yield openingFrame(position, retryMs);
      }
      yield* backfill(from);
      yield* live();
      if (state === 'stopping') yield closingFrame('the service stops', 1000 + Math.round(Math.random() * 4000));
    } finally {
      leave();
    }
  }

  async function* backfill(upTo?: number): AsyncGenerator<Buffer> {
    while (state === 'open' && !tail.closed) {
      const range = { after: position, limit: page, ...(upTo !== undefined && { upTo }) };
      const found = await findEvents(db, range, filter, reach);
      position = found.at(-1)?.sequence ?? position;
      if (found.length > 0) yield Buffer.concat(found.map(eventFrame));
      if (found.length < page) return;
    }
  }

  async function* live(): AsyncGenerator<Buffer> {
    while (state === 'open') {
      if (waiting.length > 0) {
        const chunk = Buffer.concat(waiting.splice(0));
        waitingBytes = 0;
        position = seen;
        yield chunk;
      } else if (isBeatDue) {
        isBeatDue = false;
        position = seen;
        yield heartbeatFrame(position);
      } else {
        await waker.wait();
      }
    }
  }

  const source = frames();
  let pulls = 0;
  let isPulled = false;

  async function pull(): Promise<void> {
    const { value, done } = await source.next();
    const allowed = done || (await isAllowed());
    if (state === 'gone') return;
    isPulled = false;
    if (done) return void stream.push(null);
    if (allowed) return void stream.push(value);
    stream.push(closingFrame('the credentials have ended', retryMs));
    stream.push(null);
  }

  async function close(): Promise<void> {
    try {
      await source.return(undefined);
    } catch (error) {
      log.debug({ err: error }, 'an event stream failed');
    }
  }

  const stream: Readable = new Readable({
    read() {
      isPulled = true;
      pulls += 1;
      pull().catch((error: Error) => stream.destroy(error));
    },
    destroy(error, done) {
      state = 'gone';
      clearInterval(timer);
      waker.wake();
      void close();
      done(error);
    },
  });

  function tooSlow(why: string): void {
    log.info({ why, waiting_bytes: waitingBytes }, 'a slow event stream is closed');
    stream.destroy();
  }

  let pullsBefore = -1;
  let stalls = 0;
  const timer = setInterval(() => {
    stalls = isPulled || pulls !== pullsBefore ? 0 : stalls + 1;
    pullsBefore = pulls;
    if (stalls >= 2) return tooSlow('it takes nothing');
    isBeatDue = true;
    waker.wake();
  }, heartbeatMs).unref();

  return stream;
}
