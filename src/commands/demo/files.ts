import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DemoError } from './own-photos.ts';

export type StoredFile = { path: string; size: number; sha256: string };

/**
 * Writes a downloaded file.
 * @param promised the SHA-256 that the service tells of it, in hexadecimal
 * @throws DemoError when the bytes have another one
 */
export async function saveStream(
  data: ReadableStream<Uint8Array>,
  path: string,
  promised: string | undefined,
): Promise<StoredFile> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    Readable.fromWeb(data),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  const sha256 = hash.digest('hex');
  if (sha256 !== promised) throw new DemoError(`${path} is not what the service promises: its SHA-256 is ${sha256}.`);
  return { path, size, sha256 };
}
