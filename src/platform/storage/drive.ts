import type { Readable } from 'node:stream';
import type { Disk } from 'flydrive';
import type { Range } from './storage.ts';

/** What differs between disk and S3; faults are thrown unchanged. */
export type Drive = {
  description: string;
  disk: Disk;
  /** Prefix of every key: empty, or a path that ends in a slash. */
  prefix: string;
  putFile(key: string, path: string, contentType: string): Promise<void>;
  putBytes(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  stream(key: string, range?: Range): Promise<Readable>;
};
