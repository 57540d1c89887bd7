import type { Readable } from 'node:stream';

/** Bytes of an object: the first and the last of them, counted from 0. */
export type Range = { start: number; end: number };

/** The object store, on disk or S3. Keys are paths with slashes; they are never shown to a client. */
export type Storage = {
  /** Where objects live, for people: no credentials in it. */
  readonly description: string;
  /** Stores a local file. @throws StorageError */
  putFile(key: string, path: string, contentType: string): Promise<void>;
  /** Stores a few bytes. @throws StorageError */
  putBytes(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /**
   * @param range a part that the object has; all of it when left out
   * @returns the object as a stream
   * @throws StorageError `missing` before the stream begins
   */
  stream(key: string, range?: Range): Promise<Readable>;
  /** @returns the object whole; for small ones. @throws StorageError */
  bytes(key: string): Promise<Uint8Array>;
  /** @returns whether the object exists. @throws StorageError `unavailable` */
  exists(key: string): Promise<boolean>;
  /** Deletes objects; ones that are gone already don't matter. @throws StorageError */
  delete(keys: readonly string[]): Promise<void>;
};

/** A fault of the store, told apart from ours: `missing` object, store `unavailable`, or `full`. */
export class StorageError extends Error {
  override name = 'StorageError';
  readonly code: 'missing' | 'unavailable' | 'full';
  constructor(code: StorageError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
