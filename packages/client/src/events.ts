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
  /** Called each time a stream opens; later events are received. */
  onOpen?: () => void;
  /** Milliseconds without data, heartbeats included, before the connection counts as lost: default 45,000. */
  silenceMs?: number;
};

/**
 * Follows events over as many connections as needed, without gap or repeat. Ends when the loop is left or the signal
 * aborts.
 * @param query `after`: the `sequence` after which to begin, default now; `type`, `user_id`, `avatar_id`,
 * `training_id`, `generation_id` and `batch_id` filter
 * @throws ProblemError when the service refuses; the signal's reason when it aborts
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

/** A part of a stream: an event, the position to resume from, or the delay before a reconnect. */
type Frame = { event: Event } | { position: number } | { retryMs: number };

async function* framesOf(
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal }: { silenceMs: number; signal?: AbortSignal },
): AsyncGenerator<Frame> {
  const frames: Frame[] = [];
  const parser = createParser({
    // The first frame and heartbeats carry a position without an event.
    onId: (id) => void frames.push({ position: Number(id) }),
    onEvent: ({ data }) => void frames.push({ event: JSON.parse(data) as Event }),
    onRetry: (retryMs) => void frames.push({ retryMs }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // Node's fetch may miss an abort while a body is read, once its request is garbage-collected.
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
      // In order: an event's id precedes it, and takes effect once the event was consumed.
      yield* frames.splice(0);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
