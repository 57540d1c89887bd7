import { setTimeout as delay } from 'node:timers/promises';

const longestPauseMs = 100;

/**
 * Waits until `look` gives something other than undefined or false, and gives that. For effects that other processes have
 * and that nothing announces; looks often at first and ten times a second in the end, for looking takes from what is awaited.
 * Throws after `timeoutMs`, naming what was awaited.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let pauseMs = 10;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
  }
}
