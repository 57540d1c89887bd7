import { setTimeout as delay } from 'node:timers/promises';

/**
 * Awaits a promise as long as it makes progress; a later result is ignored.
 * @param ms most milliseconds in all or, with `progress`, without progress
 * @param late makes the error to throw
 * @param progress counts what is done
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
