import type { Config } from '../../config.ts';

type Settings = Pick<Config['webhooks'], 'retryFirstMs' | 'retryLongestMs'>;

const growth = 4;

/**
 * Exponential backoff by the factor 4 up to a maximum, with ±20 % jitter so that deliveries that failed together
 * spread.
 * @param tries failed attempts, from 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function gapAfter(tries: number, { retryFirstMs, retryLongestMs }: Settings, random: number): number {
  return Math.min(retryFirstMs * growth ** (tries - 1), retryLongestMs) * (0.8 + random * 0.4);
}

/**
 * Parses Retry-After (RFC 9110 §10.2.3), in seconds or as a date.
 * @returns milliseconds, at most the longest gap; null when absent or invalid
 */
export function waitAskedFor(retryAfter: string | null, now: Date, { retryLongestMs }: Settings): number | null {
  if (retryAfter === null) return null;
  const text = retryAfter.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return ms > 0 ? Math.min(ms, retryLongestMs) : null;
}
