import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../errors.ts';
import { storageError } from '../../platform/storage/faults.ts';
import { photoRules, type Refusal } from './rules.ts';

export type Upload = {
  name: string;
  filename: string | null;
  path: string;
  size: number;
  sha256: string;
  /** Set when the size alone refuses the file, which is then not kept. */
  refusal: Refusal | null;
};

const { maxFiles, maxBytes } = photoRules;
const slack = 1024 * 1024;
const maxBody = maxFiles * maxBytes + slack;

/**
 * Receives the files of a multipart request one by one, streaming each to disk.
 * @throws Problem 400 for a body that is malformed, holds fields or no file; 413 for too many files or bytes; 415
 * @throws StorageError when the disk is full
 */
export async function receivePhotos(request: FastifyRequest, folder: string): Promise<Upload[]> {
  if (!request.isMultipart()) {
    throw new Problem('unsupported-media-type', 'Send the photos as multipart/form-data, each as a file part.');
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBody) throw bodyTooLarge();
  const parts = request.parts({
    limits: { fileSize: maxBytes, files: maxFiles + 1, parts: maxFiles + 2, fieldSize: 1024 },
  });
  const body = watchBody(request);
  const files: Upload[] = [];
  try {
    for (let next = await body.read(() => parts.next()); !next.done; next = await body.read(() => parts.next())) {
      const part = next.value;
      if (part.type === 'field') throw unknownField(part.fieldname);
      if (files.length === maxFiles) throw tooManyFiles();
      files.push(await receiveFile(part, join(folder, randomUUID()), body.tooLong));
    }
    if (files.length === 0)
      throw new Problem('invalid-request', `The body holds no file: send 1 to ${maxFiles} photos.`);
    return files;
  } catch (error) {
    body.drop();
    throw error;
  }
}

/** Counts received bytes, since not every body declares its length, and discards the remainder of a refused one. */
function watchBody({ raw }: FastifyRequest) {
  const stop = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => undefined);
  let seen = 0;
  let refused = false;
  function count(chunk: Buffer): void {
    seen += chunk.length;
    if (seen <= maxBody) return;
    if (refused) raw.destroy();
    stop.abort(bodyTooLarge());
    reject(stop.signal.reason);
  }
  return {
    /** Aborts, with the problem as its reason, when the body exceeds the maximum. */
    tooLong: stop.signal,
    async read<T>(part: () => Promise<T>): Promise<T> {
      const arriving = part();
      // Attached after the parser, which would otherwise miss the first bytes.
      if (!raw.listeners('data').includes(count)) raw.on('data', count);
      try {
        return await Promise.race([arriving, stopped]);
      } catch (error) {
        throw error instanceof Problem ? error : unreadable(error);
      }
    },
    /** Discards the remainder, so that a client that is still sending reads the response. */
    drop(): void {
      refused = true;
      raw.unpipe();
      raw.resume();
    },
  };
}

async function receiveFile(part: MultipartFile, path: string, tooLong: AbortSignal): Promise<Upload> {
  const hash = createHash('sha256');
  let size = 0;
  async function* measured(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const onDisk = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  await pipeline(part.file, measured, onDisk, { signal: tooLong }).catch((error: unknown) => {
    throw tooLong.aborted ? tooLong.reason : failureOf(error);
  });
  const refusal = refusalOf(size, part.file.truncated);
  if (refusal) await rm(path, { force: true });
  return { name: part.fieldname, filename: nameOf(part.filename), path, size, sha256: hash.digest('hex'), refusal };
}

function refusalOf(size: number, isTruncated: boolean): Refusal | null {
  if (isTruncated) {
    return { code: 'too-large', detail: `is larger than ${maxBytes / 1024 / 1024} MB: send a smaller copy` };
  }
  return size === 0 ? { code: 'empty', detail: 'is empty: send the photo itself' } : null;
}

// Only the last part of a client's path is kept, without characters that garble logs.
function nameOf(filename: string | undefined): string | null {
  const name = basename((filename ?? '').replaceAll('\\', '/'))
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  return Array.from(name).slice(0, 255).join('') || null;
}

// Disk failures are told apart from truncated bodies.
function failureOf(error: unknown): Error {
  const ofDisk = error instanceof Error && 'syscall' in error;
  return ofDisk ? storageError('receiving a photo', error, { writing: true }) : unreadable(error);
}

function unreadable(error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return new Problem('invalid-request', `The multipart body can't be read: ${reason}.`, { cause: error });
}

function unknownField(name: string): Problem {
  return new Problem(
    'invalid-request',
    `${name} is a field, and this route takes only files: send it with a filename.`,
    {
      errors: [{ field: name, code: 'unknown-field', detail: 'is not a file' }],
      extensions: { in: 'body' },
    },
  );
}

function tooManyFiles(): Problem {
  return new Problem(
    'payload-too-large',
    `A request takes ${maxFiles} files at most: send the others in another request.`,
    {
      extensions: { maximum: maxFiles },
    },
  );
}

function bodyTooLarge(): Problem {
  const detail = `The body is larger than ${maxFiles} files of ${maxBytes / 1024 / 1024} MB: send the photos in several requests.`;
  return new Problem('payload-too-large', detail, { headers: { connection: 'close' } });
}
