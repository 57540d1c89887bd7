import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for what ends, as long as it gets on; what comes of it after that is nobody's.
 * @param ms how long it may take, or, with `progress`, how long that may stay as it is
 * @param late makes the error that is thrown then
 * @param progress counts what has been done of it
 */
export async function within<T>(
  ms: number,
  ends: Promise<T>,
  late: () => Error,
  progress: () => number = () => 0,
): Promise<T> {
  const timer = new AbortController();
  const ended = ends.then((value) => ({ value }));
  try {
    for (let before = Number.NaN; ; ) {
      const seen = progress();
      if (seen === before) throw late();
      before = seen;
      const outcome = await Promise.race([ended, delay(ms, null, { signal: timer.signal })]);
      if (outcome) return outcome.value;
    }
  } finally {
    timer.abort();
  }
}
