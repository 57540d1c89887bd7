import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Journal } from './journal.ts';
import { animalFor } from './random.ts';
import type { StoredFile } from './stored-file.ts';

/** A file about to be served. */
export interface OpenedFile {
  size: number;
  sha256: string;
  read(range?: { start: number; end: number }): Readable;
}

type Made = Pick<StoredFile, 'id' | 'name' | 'contentType' | 'expiresAt'>;

export interface Upload {
  file: StoredFile;
  multipart: boolean;
  /** The required query of the upload address. */
  signature: string;
  parts: Map<number, { path: string; etag: string; size: number }>;
}

export interface Files {
  list(): StoredFile[];
  uploads(): Upload[];
  /** Finds a file by its fal address, ignoring the query. */
  find(address: string): StoredFile | null;
  /** Opens an upload; its bytes follow by `receive`, or by `receivePart` and `join`. */
  openUpload(
    options: Pick<StoredFile, 'name' | 'contentType' | 'lifecycle' | 'expiresAt'> & { multipart: boolean },
  ): Upload;
  upload(id: string): Upload | null;
  /** Streams the bytes to disk. @returns the ETag */
  receive(upload: Upload, body: Readable): Promise<string>;
  receivePart(upload: Upload, part: number, body: Readable): Promise<string>;
  /** Joins parts in order. @throws Error when one is missing or its ETag differs */
  join(upload: Upload, parts: readonly { partNumber: number; etag: string }[]): Promise<void>;
  /** Adds what a run made. The bytes must be the same on each call. */
  addArtifact(options: Made & { bytes: () => Buffer }): StoredFile;
  /** Adds a file that is made when it is asked for. The bytes must be the same on each call. */
  addPicture(options: Made & { bytes: () => Promise<Buffer> }): StoredFile;
  open(file: StoredFile): Promise<OpenedFile>;
}

/** Stores uploads under `folder`, including those of an earlier process, and finds artifacts by address. */
export function createFiles(folder: string, journal: Journal): Files {
  const byAddress = new Map<string, StoredFile>();
  for (const upload of journal.kept.uploads.values()) {
    byAddress.set(upload.url, { ...upload, content: { path: join(folder, upload.id) } });
  }
  const uploads = new Map<string, Upload>();
  const made = mkdir(folder, { recursive: true });

  async function write(path: string, body: Readable): Promise<{ size: number; sha256: string }> {
    await made;
    const hash = createHash('sha256');
    let size = 0;
    const meter = new PassThrough();
    meter.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      size += chunk.length;
    });
    await pipeline(body, meter, createWriteStream(path));
    return { size, sha256: hash.digest('hex') };
  }

  function finish(file: StoredFile, written: { size: number; sha256: string }): void {
    Object.assign(file, { ...written, ready: true, uploadedAt: new Date().toISOString() });
    const { content: _, ...upload } = file;
    journal.note({ kind: 'upload', upload });
  }

  function add(made: Made, content: StoredFile['content'], known: { size: number; sha256: string }): StoredFile {
    const url = fileAddress(made.id, made.name);
    const file: StoredFile = { ...made, url, ...known, content, lifecycle: {}, ready: true, uploadedAt: null };
    byAddress.set(url, file);
    return file;
  }

  return {
    list: () => [...byAddress.values()],
    uploads: () => [...uploads.values()],
    find: (address) => byAddress.get(address.split('?')[0] ?? '') ?? null,
    upload: (id) => uploads.get(id) ?? null,

    openUpload({ name, contentType, lifecycle, expiresAt, multipart }) {
      const id = randomBytes(12).toString('base64url');
      const url = fileAddress(id, name);
      const content = { path: join(folder, id) };
      const state = { size: 0, sha256: '', ready: false, uploadedAt: null };
      const file: StoredFile = { id, url, name, contentType, lifecycle, expiresAt, content, ...state };
      const upload: Upload = { file, multipart, signature: randomBytes(16).toString('hex'), parts: new Map() };
      byAddress.set(url, file);
      uploads.set(id, upload);
      return upload;
    },

    async receive(upload, body) {
      const written = await write(join(folder, upload.file.id), body);
      finish(upload.file, written);
      return `"${written.sha256.slice(0, 32)}"`;
    },

    async receivePart(upload, part, body) {
      const path = join(folder, `${upload.file.id}.${part}`);
      const { size, sha256 } = await write(path, body);
      const etag = `"${sha256.slice(0, 32)}"`;
      upload.parts.set(part, { path, etag, size });
      return etag;
    },

    async join(upload, parts) {
      const chosen = parts.map(({ partNumber, etag }) => {
        const part = upload.parts.get(partNumber);
        if (!part || part.etag !== etag) throw new Error(`part ${partNumber} is missing or has another etag`);
        return part;
      });
      const written = await write(
        join(folder, upload.file.id),
        Readable.from(concatenated(chosen.map(({ path }) => path))),
      );
      await Promise.all([...upload.parts.values()].map(({ path }) => rm(path, { force: true })));
      upload.parts.clear();
      finish(upload.file, written);
    },

    addArtifact({ bytes, ...made }) {
      const data = bytes();
      return add(made, { bytes }, { size: data.length, sha256: sha256Of(data) });
    },

    addPicture: ({ bytes, ...made }) => add(made, { bytes }, { size: 0, sha256: '' }),

    async open(file) {
      if ('path' in file.content) {
        const { path } = file.content;
        return { size: file.size, sha256: file.sha256, read: (range) => createReadStream(path, range) };
      }
      const bytes = await file.content.bytes();
      Object.assign(file, { size: bytes.length, sha256: sha256Of(bytes) });
      const part = (range?: { start: number; end: number }): Buffer =>
        range ? bytes.subarray(range.start, range.end + 1) : bytes;
      return { size: file.size, sha256: file.sha256, read: (range) => Readable.from([part(range)]) };
    },
  };
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* concatenated(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    for await (const chunk of createReadStream(path)) yield chunk;
  }
}

/** An address in fal's form, marked as the sandbox's. */
function fileAddress(id: string, name: string): string {
  return `https://v3b.fal.media/files/b/${animalFor(id)}/sandbox-${id}_${encodeURIComponent(name)}`;
}
