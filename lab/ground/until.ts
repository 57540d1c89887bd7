import { setTimeout as delay } from 'node:timers/promises';

const longestPauseMs = 100;

/**
 * Looks until `look` gives something other than undefined, null or false, and gives that. For effects that other processes
 * have and that nothing announces; it looks often at first and ten times a second in the end, for looking takes from what is
 * awaited.
 * @param limit milliseconds, 60,000 when left out; `everyMs` looks at that pace, for states that are soon over
 * @throws Error after the limit, with what was awaited
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
