import { parseObject } from './json.ts';

/**
 * How many seconds a file is to be kept, by the headers of the request that opened its upload or submitted the job that
 * made it; null for as long as there is a sandbox. Either header counts; whether fal heeds the one that the JavaScript
 * client sends for uploads is unknown (fal contract §9).
 */
export function lifetimeOf(headers: Readonly<Record<string, string>>): number | null {
  const text = headers['x-fal-object-lifecycle-preference'] ?? headers['x-fal-object-lifecycle'];
  const seconds = text ? parseObject(text)?.expiration_duration_seconds : undefined;
  return typeof seconds === 'number' ? seconds : null;
}

/** When a file ends that comes into being now, both in sandbox ms; null for never. */
export function expiryOf(headers: Readonly<Record<string, string>>, now: number): number | null {
  const seconds = lifetimeOf(headers);
  return seconds === null ? null : now + seconds * 1000;
}
