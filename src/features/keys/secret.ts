import { hash, randomBytes } from 'node:crypto';

const shownLength = 11;

/** @returns a new key of 256 random bits, and the beginning by which people tell it from others */
export function makeKey(): { key: string; prefix: string } {
  const key = `lk_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, shownLength) };
}

/** @returns what is stored of a key. A plain hash suffices: a key has too much entropy to be guessed back. */
export function hashKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
