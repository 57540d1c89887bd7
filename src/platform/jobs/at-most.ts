import { setTimeout as delay } from 'node:timers/promises';

/** Awaits a promise for at most `ms` milliseconds; a later result is ignored. */
export async function atMost(ms: number, ends: Promise<unknown> | undefined): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([ends, delay(ms, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
