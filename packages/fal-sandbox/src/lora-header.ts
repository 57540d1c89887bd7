import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isRecord, parseObject } from './json.ts';

export interface Lora {
  sha256: string;
  /** Texts of `__metadata__`; the sandbox's have `sandbox`, `trainer`, `steps`, `base`, `trigger_phrase`. */
  metadata: Readonly<Record<string, string>>;
}

/** A file that holds no weights; the message says why. */
export class NoLora extends Error {
  override name = 'NoLora' as const;
}

const largestHeader = 100 * 1024 ** 2;

/**
 * Reads a safetensors file: header length in eight bytes (little endian), JSON header, tensors to the end of the file.
 * @throws NoLora
 */
export async function readLora(path: string): Promise<Lora> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const header = await readHeader(file, size);
    const { __metadata__: metadata, ...tensors } = header.content;
    const end = Object.values(tensors).reduce((latest: number, tensor) => Math.max(latest, endOf(tensor)), 0);
    if (!(end > 0)) throw new NoLora('its header names no tensors');
    if (end !== size - header.end) throw new NoLora('it is cut, or has bytes too many');
    return { sha256: await sha256Of(path), metadata: textsOf(metadata) };
  } finally {
    await file.close();
  }
}

async function readHeader(file: FileHandle, size: number) {
  const head = await bytesOf(file, 0, 8);
  const length = head.length < 8 ? 0 : Number(head.readBigUInt64LE());
  if (length < 2 || length > Math.min(largestHeader, size - 8)) throw new NoLora('it has no header of safetensors');
  const content = parseObject((await bytesOf(file, 8, length)).toString());
  if (!content) throw new NoLora('its header is no JSON object');
  return { content, end: 8 + length };
}

async function bytesOf(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The end of a tensor in bytes after the header; NaN for an invalid one. */
function endOf(tensor: unknown): number {
  const offsets = isRecord(tensor) ? tensor.data_offsets : null;
  return Array.isArray(offsets) ? Number(offsets[1]) : Number.NaN;
}

function textsOf(metadata: unknown): Record<string, string> {
  const entries = isRecord(metadata) ? Object.entries(metadata) : [];
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
