import { createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import type { Context } from './context.ts';
import { isFalHost } from './mapping.ts';
import { Refusal } from './outcomes.ts';

const largest = 2 * 1024 ** 3;
const patienceMs = 60_000;

/** A file of a run on disk; `release` removes it when it was fetched for this run only. */
export interface FetchedFile {
  path: string;
  release(): Promise<void>;
}

/** A file cannot be fetched; the message is the reason. */
export class NotFetched extends Error {
  override name = 'NotFetched' as const;

  /** fal's error for it, at the place of the address in the input. */
  refusal(loc: readonly (string | number)[], address: string): Refusal {
    const msg = `Failed to download the file: ${this.message}. Please check if the URL is accessible and try again.`;
    return new Refusal([{ loc, msg, type: 'file_download_error', input: address }]);
  }
}

/**
 * Provides a file of an input on disk: files of the sandbox's hosts are used in place, others are fetched.
 * @throws NotFetched
 */
export async function fetchFile(context: Context, address: string): Promise<FetchedFile> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new NotFetched('it is no http(s) URL');
  const own = isFalHost(url.hostname) ? ownFile(context, address) : null;
  if (own && 'path' in own) return { path: own.path, release: () => Promise.resolve() };
  const path = join(context.folder, 'files', `fetched-${randomUUID()}`);
  const release = (): Promise<void> => rm(path, { force: true });
  try {
    if (own) {
      await writeFile(path, await own.bytes());
      return { path, release };
    }
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), atMost(largest), createWriteStream(path));
  } catch (error) {
    await release();
    throw new NotFetched(error instanceof Error ? error.message : String(error));
  }
  return { path, release };
}

function ownFile(context: Context, address: string) {
  const file = context.files.find(address);
  const ended = file?.expiresAt !== null && file !== null && file.expiresAt <= context.clock.now();
  if (!file?.ready || ended) throw new NotFetched('status 404');
  return file.content;
}

function atMost(limit: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > limit ? new Error('the file is larger than 2 GiB') : null, chunk);
    },
  });
}
