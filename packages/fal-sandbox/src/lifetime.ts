import { parseObject } from './json.ts';

/**
 * Seconds for which a file is kept, by the headers of its upload, or of the submission of the job that made it; null
 * for no limit. Either header counts; whether fal obeys the one of its JavaScript client is unknown (fal contract §9).
 */
export function lifetimeOf(headers: Readonly<Record<string, string>>): number | null {
  const text = headers['x-fal-object-lifecycle-preference'] ?? headers['x-fal-object-lifecycle'];
  const seconds = text ? parseObject(text)?.expiration_duration_seconds : undefined;
  return typeof seconds === 'number' ? seconds : null;
}

/** The expiry of a new file, in sandbox ms; null for never. */
export function expiryOf(headers: Readonly<Record<string, string>>, now: number): number | null {
  const seconds = lifetimeOf(headers);
  return seconds === null ? null : now + seconds * 1000;
}
