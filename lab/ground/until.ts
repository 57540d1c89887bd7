import { setTimeout as delay } from 'node:timers/promises';

const longestPauseMs = 100;

/**
 * Polls `look` until it returns something other than undefined, null or false, for effects of other processes that
 * nothing announces. Polls often at first and ten times a second in the end, since polling slows what is awaited.
 * @param limit milliseconds, default 60,000; `everyMs` polls at that interval, for short-lived states
 * @throws Error at the limit, naming what was awaited
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limit: number | { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 60_000, everyMs = null } = typeof limit === 'number' ? { timeoutMs: limit } : limit;
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${Math.round(timeoutMs)} ms in vain: ${what}`);
    await delay(everyMs ?? pauseMs);
  }
}
