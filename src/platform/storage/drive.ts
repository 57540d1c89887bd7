import type { Readable } from 'node:stream';
import type { Disk } from 'flydrive';
import type { Range } from './storage.ts';

/** What disk and S3 do differently; the rest is flydrive's. Faults are thrown as they come. */
export type Drive = {
  description: string;
  disk: Disk;
  /** What stands before every key in the store: empty, or a path that ends in a slash. */
  prefix: string;
  putFile(key: string, path: string, contentType: string): Promise<void>;
  putBytes(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  stream(key: string, range?: Range): Promise<Readable>;
};
