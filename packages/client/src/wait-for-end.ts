import type { Client } from './client.ts';
import { followEvents } from './events.ts';
import { isPassing } from './retry.ts';
import type { Training } from './types.ts';
import { wait } from './wait.ts';

/** What trainings and generations have in common. */
export type Job = { status: string; updated_at: string };

export type WaitOptions<T = Training> = {
  signal?: AbortSignal;
  /** Milliseconds to wait; the job itself continues. Default: no limit, since each ends. */
  timeoutMs?: number;
  /** Called with the job at first and after each change. */
  onProgress?: (job: T) => void;
  /** Milliseconds between polls without events: default 15,000. */
  pollMs?: number;
};

type Waiting<T> = {
  /** For the message of a timeout, such as `The training 0199…`. */
  name: string;
  read: (signal: AbortSignal) => Promise<T>;
  /** The events that tell of changes. */
  events: { training_id: string } | { generation_id: string };
};

/**
 * Waits until a paid job ends. Events give immediate updates; polls, at first, when the stream opens and at intervals,
 * find an end that was missed, also for clients without access to events.
 * @throws a DOMException named TimeoutError after `timeoutMs`; the signal's reason when it aborts; what the first read
 * throws
 */
export async function waitForEnd<T extends Job>(
  client: Client,
  { name, read, events }: Waiting<T>,
  { signal, timeoutMs, onProgress, pollMs = 15_000 }: WaitOptions<T> = {},
): Promise<T> {
  const over = new AbortController();
  const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => over.abort(tooLong(name, timeoutMs)), timeoutMs);
  let nap = new AbortController();
  let seen: T | undefined;
  let watching: Promise<void> | undefined;
  try {
    for (;;) {
      nap = new AbortController();
      const job = await readOr(seen, () => read(end));
      if (job.updated_at !== seen?.updated_at) onProgress?.(job);
      if (hasEnded(job)) return job;
      seen = job;
      watching ??= watch(client, events, end, () => nap.abort());
      await wait(pollMs, AbortSignal.any([end, nap.signal])).catch(() => end.throwIfAborted());
    }
  } finally {
    clearTimeout(timer);
    over.abort();
    await watching;
  }
}

function hasEnded({ status }: Job): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** The last known state is kept while the service is unreachable; the first read must succeed. */
async function readOr<T>(known: T | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (known && isPassing(error)) return known;
    throw error;
  }
}

// Without a stream, for lack of scope or connection, polling suffices.
async function watch(
  client: Client,
  filter: Waiting<Job>['events'],
  signal: AbortSignal,
  tell: () => void,
): Promise<void> {
  try {
    const events = followEvents(client, filter, { signal, onOpen: tell });
    for (;;) {
      await events.next();
      tell();
    }
  } catch {
    return;
  }
}

function tooLong(name: string, ms: number): DOMException {
  return new DOMException(`${name} has not ended within ${ms} ms; it goes on.`, 'TimeoutError');
}
