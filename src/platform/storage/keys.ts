import { StorageError } from './storage.ts';

const segment = /^[A-Za-z0-9_!-]+(\.[A-Za-z0-9_!-]+)*$/;

/** Whether a key is a relative path of plain segments: none leads out of the store, and no two name one object. */
export function isPlainKey(key: string): boolean {
  return key.length <= 1024 && key.split('/').every((part) => part.length <= 255 && segment.test(part));
}

/** @throws StorageError `missing` for a key that is no plain path: no such object can exist */
export function checkKey(key: string): void {
  if (!isPlainKey(key))
    throw new StorageError('missing', `There is no object with the key ${JSON.stringify(key)}: it is not a plain path`);
}
