import { setTimeout as delay } from 'node:timers/promises';

/** Waits for what ends, but no longer than `ms` milliseconds; what comes of it later is nobody's. */
export async function atMost(ms: number, ends: Promise<unknown> | undefined): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([ends, delay(ms, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
