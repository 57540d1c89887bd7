import { setTimeout as delay } from 'node:timers/promises';

// A longer timer of Node fires at once.
export const longestTimeoutMs = 2 ** 31 - 1;

/** @returns whether the promise is fulfilled within `ms` milliseconds. @throws its rejection; a later one is ignored */
export async function endsWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const ended = promise.then(() => true);
  try {
    return await Promise.race([ended, delay(Math.min(ms, longestTimeoutMs), false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/**
 * Awaits a promise as long as it makes progress; a later result is ignored.
 * @param ms most milliseconds in all or, with `progress`, without progress
 * @param late makes the error to throw
 * @param progress counts what is done
 */
export async function withTimeout<T>(
  ms: number,
  promise: Promise<T>,
  late: () => Error,
  progress: () => number = () => 0,
): Promise<T> {
  for (let before = Number.NaN; ; ) {
    const done = progress();
    if (done === before) throw late();
    before = done;
    if (await endsWithin(ms, promise)) return promise;
  }
}
