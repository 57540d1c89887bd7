import { hash, randomBytes } from 'node:crypto';

const shownLength = 11;

/** @returns a key of 256 random bits, and its prefix for display */
export function makeKey(): { key: string; prefix: string } {
  const key = `lk_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, shownLength) };
}

/** A fast hash suffices, since a key cannot be guessed. */
export function hashKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
