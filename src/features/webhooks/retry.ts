import type { Config } from '../../config.ts';

type Settings = Pick<Config['webhooks'], 'retryFirstMs' | 'retryLongestMs'>;

const growth = 4;

/**
 * @param tries how many attempts have failed, from 1
 * @param random from 0 to 1
 * @returns the gap before the next attempt in milliseconds: four times the one before, up to the longest, varied by a
 * fifth either way, so that deliveries which failed together don't come back together
 */
export function gapAfter(tries: number, { retryFirstMs, retryLongestMs }: Settings, random: number): number {
  return Math.min(retryFirstMs * growth ** (tries - 1), retryLongestMs) * (0.8 + random * 0.4);
}

/**
 * Reads Retry-After (RFC 9110 §10.2.3): seconds or a date.
 * @returns milliseconds to wait, up to the longest gap; null when there is nothing to heed
 */
export function waitAskedFor(retryAfter: string | null, now: Date, { retryLongestMs }: Settings): number | null {
  if (retryAfter === null) return null;
  const text = retryAfter.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return ms > 0 ? Math.min(ms, retryLongestMs) : null;
}
