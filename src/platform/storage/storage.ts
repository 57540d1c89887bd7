import type { Readable } from 'node:stream';

/** First and last byte, counted from 0. */
export type Range = { start: number; end: number };

/** The object store, on disk or S3. Keys are slash-separated paths and never shown to clients. */
export type Storage = {
  /** Where objects are stored, for people; without credentials. */
  readonly description: string;
  /** @throws StorageError */
  putFile(key: string, path: string, contentType: string): Promise<void>;
  /** @throws StorageError */
  putBytes(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /**
   * @param range the part to read; the whole object when omitted
   * @returns the object as a stream
   * @throws StorageError `missing` before the stream begins
   */
  stream(key: string, range?: Range): Promise<Readable>;
  /** For small objects. @throws StorageError */
  bytes(key: string): Promise<Uint8Array>;
  /** @throws StorageError `unavailable` */
  exists(key: string): Promise<boolean>;
  /**
   * Deletes objects.
   * @returns the keys under which there was nothing to delete
   * @throws StorageError
   */
  delete(keys: readonly string[]): Promise<NotDeleted>;
};

/** Keys of which no object was deleted: `absent` ones name none, `unusable` ones are no plain paths and can't name one. */
export type NotDeleted = { absent: string[]; unusable: string[] };

/** A fault of the store: `missing` object, store `unavailable`, or `full`. */
export class StorageError extends Error {
  override name = 'StorageError';
  readonly code: 'missing' | 'unavailable' | 'full';
  constructor(code: StorageError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
