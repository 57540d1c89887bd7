import { StorageError } from './storage.ts';

const segment = /^[A-Za-z0-9_!-]+(\.[A-Za-z0-9_!-]+)*$/;

/**
 * Keys are relative paths of plain segments: none leads out of the store, and no two name one object.
 * @throws StorageError `missing` for any other key: no such object can exist
 */
export function checkKey(key: string): void {
  const plain = key.length <= 1024 && key.split('/').every((part) => part.length <= 255 && segment.test(part));
  if (!plain)
    throw new StorageError('missing', `There is no object with the key ${JSON.stringify(key)}: it is not a plain path`);
}
