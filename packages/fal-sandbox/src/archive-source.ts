import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import type { Context } from './context.ts';
import type { Json } from './json.ts';
import { isFalHost } from './mapping.ts';
import { Refusal } from './outcomes.ts';

const largest = 2 * 1024 ** 3;
const patienceMs = 60_000;

/** An archive as a file on disk; `release` removes it when it was fetched for this run alone. */
export interface Archive {
  path: string;
  release(): Promise<void>;
}

/**
 * Brings the archive of a run to disk: an upload of the sandbox's own hosts lies there, anything else is fetched.
 * Throws a Refusal `file_download_error` when there is no such file, or it can't be fetched.
 */
export async function fetchArchive(context: Context, field: string, address: string): Promise<Archive> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw notFetched(field, address, 'it is no http(s) URL');
  if (isFalHost(url.hostname)) return ownUpload(context, field, address);
  const path = join(context.folder, 'files', `fetched-${randomUUID()}`);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), atMost(largest), createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw notFetched(field, address, error instanceof Error ? error.message : String(error));
  }
  return { path, release: () => rm(path, { force: true }) };
}

function ownUpload(context: Context, field: string, address: string): Archive {
  const file = context.files.find(address);
  const ended = file?.expiresAt !== null && file !== null && file.expiresAt <= context.clock.now();
  if (!file?.ready || ended || !('path' in file.content)) throw notFetched(field, address, 'status 404');
  return { path: file.content.path, release: () => Promise.resolve() };
}

function notFetched(field: string, address: string, reason: string): Refusal {
  const input: Json = address;
  const msg = `Failed to download the file: ${reason}. Please check if the URL is accessible and try again.`;
  return new Refusal([{ loc: ['body', field], msg, type: 'file_download_error', input }]);
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
