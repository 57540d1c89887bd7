import { createParser } from 'eventsource-parser';
import type { paths } from './api.ts';
import type { Client } from './client.ts';
import { ConnectionError, ProblemError } from './errors.ts';
import { gapMs, isPassing } from './retry.ts';
import type { Event } from './types.ts';
import { wait } from './wait.ts';

type Query = NonNullable<paths['/v1/events/stream']['get']['parameters']['query']>;

export type FollowOptions = {
  signal?: AbortSignal;
  /** Called each time the stream begins: what happens from then on is told. */
  onOpen?: () => void;
  /** How long nothing may come, heartbeats included, before the connection counts as lost. 45 seconds when left out. */
  silenceMs?: number;
};

/**
 * Follows events as they happen, over as many connections as it takes: without a gap and without a repeat, since each goes
 * on behind the last event that came. It ends when the loop over it is left, or the signal aborted.
 * @param query `after`: the `sequence` behind which to begin, from what happens now when left out; `type`, `user_id`,
 * `avatar_id` and `training_id` narrow it down
 * @throws ProblemError when the service refuses, the signal's reason when it is aborted
 */
export async function* followEvents(
  client: Client,
  { after, ...filter }: Query = {},
  { signal, onOpen, silenceMs = 45_000 }: FollowOptions = {},
): AsyncGenerator<Event, never> {
  let position = after;
  let retryMs = 1000;
  for (let failures = 0; ; failures += 1) {
    const end = new AbortController();
    const link = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
    let askedMs = 0;
    try {
      const query = { ...filter, ...(position !== undefined && { after: position }) };
      const init = { params: { query }, parseAs: 'stream', signal: link, retries: 0 } as const;
      const { data } = await client.GET('/v1/events/stream', init);
      onOpen?.();
      for await (const frame of framesOf(data, { silenceMs, ...(signal && { signal }) })) {
        failures = 0;
        if ('retryMs' in frame) retryMs = frame.retryMs;
        else if ('position' in frame) position = frame.position;
        else yield frame.event;
      }
    } catch (error) {
      if (signal?.aborted || !isPassing(error)) throw error;
      if (error instanceof ProblemError) askedMs = (error.retryAfterSeconds ?? 0) * 1000;
    } finally {
      end.abort();
    }
    const pauseMs = failures === 0 ? retryMs * (0.5 + Math.random() / 2) : gapMs(failures);
    await wait(Math.max(askedMs, pauseMs), signal);
  }
}

/** What comes over a stream: an event, where the next connection has to begin, or when. */
type Frame = { event: Event } | { position: number } | { retryMs: number };

async function* framesOf(
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal }: { silenceMs: number; signal?: AbortSignal },
): AsyncGenerator<Frame> {
  const frames: Frame[] = [];
  const parser = createParser({
    // The position is told without an event too, at the beginning and by heartbeats.
    onId: (id) => void frames.push({ position: Number(id) }),
    onEvent: ({ data }) => void frames.push({ event: JSON.parse(data) as Event }),
    onRetry: (retryMs) => void frames.push({ retryMs }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // Not left to fetch alone: once its request is garbage, Node's no longer hears of an abort while a body is read.
  const stop = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for (;;) {
      const silence = setTimeout(stop, silenceMs);
      const { value, done } = await reader
        .read()
        .catch((cause: unknown) => {
          throw new ConnectionError(cause);
        })
        .finally(() => clearTimeout(silence));
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      // In their order: an event's id is told before it, and counts once the reader has taken the event.
      yield* frames.splice(0);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
