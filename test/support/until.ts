import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `look` gives something other than undefined or false, and gives that. For effects that other processes have
 * and that nothing announces; looks every 20 ms. Throws after `timeoutMs`, naming what was awaited.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(20);
  }
}
