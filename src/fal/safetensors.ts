import { type FileHandle, open } from 'node:fs/promises';
import { FalError } from './errors.ts';
import { isRecord, parseJson } from './shapes.ts';

export type SafetensorsHeader = {
  tensors: number;
  dtypes: Record<string, number>;
  /** `__metadata__`; may be empty. */
  metadata: Record<string, string>;
};

type Tensor = { name: string; dtype: string; start: number; end: number };

/** Far beyond the header of any LoRA, and small enough to read whole. */
const maxHeaderBytes = 16 * 1024 * 1024;

const bitsByDtype: ReadonlyMap<string, number> = new Map([
  ...['F4'].map((dtype) => [dtype, 4] as const),
  ...['F6_E2M3', 'F6_E3M2'].map((dtype) => [dtype, 6] as const),
  ...['BOOL', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0'].map((dtype) => [dtype, 8] as const),
  ...['U16', 'I16', 'F16', 'BF16'].map((dtype) => [dtype, 16] as const),
  ...['U32', 'I32', 'F32'].map((dtype) => [dtype, 32] as const),
  ...['U64', 'I64', 'F64', 'C64'].map((dtype) => [dtype, 64] as const),
]);

/**
 * Validates the header of a safetensors file: length, JSON, at least one tensor, contiguous data to the end of the
 * file, each tensor as long as its shape says. The data is not read.
 * @throws FalError `invalid_safetensors`; file system errors unchanged
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const headerBytes = await readHeaderLength(file, size);
    const text = await readText(file, headerBytes);
    return checkHeader(text, size - 8 - headerBytes);
  } finally {
    await file.close();
  }
}

async function readHeaderLength(file: FileHandle, size: number): Promise<number> {
  if (size < 8) invalid('The file is too short to hold a header.');
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
  const length = buffer.readBigUInt64LE();
  if (length > BigInt(size - 8)) invalid('The header is longer than the file.');
  if (length > BigInt(maxHeaderBytes)) invalid(`The header is longer than ${maxHeaderBytes} bytes.`);
  return Number(length);
}

async function readText(file: FileHandle, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 8);
  if (bytesRead !== length) invalid('The header is cut.');
  return buffer.toString('utf8');
}

function checkHeader(text: string, dataBytes: number): SafetensorsHeader {
  const header = text.startsWith('{') ? parseJson(text) : undefined;
  if (!isRecord(header)) invalid('The header is not a JSON object.');
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = Object.entries(entries).map(([name, entry]) => readTensor(name, entry));
  if (tensors.length === 0) invalid('The file holds no tensor.');
  checkOffsets(tensors, dataBytes);
  const dtypes: Record<string, number> = {};
  for (const { dtype } of tensors) dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
  return { tensors: tensors.length, dtypes, metadata: readMetadata(metadata) };
}

function readTensor(name: string, entry: unknown): Tensor {
  if (!isRecord(entry) || typeof entry['dtype'] !== 'string') invalid(`The tensor "${name}" has no dtype.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isCounts(shape)) invalid(`The tensor "${name}" has no shape.`);
  if (!isCounts(offsets) || offsets.length !== 2) invalid(`The tensor "${name}" has no offsets.`);
  const [start = 0, end = 0] = offsets;
  if (end < start) invalid(`The tensor "${name}" ends before it begins.`);
  // An unknown, newer dtype does not invalidate a file whose offsets are right.
  const bits = bitsByDtype.get(dtype);
  const elements = shape.reduce((product, length) => product * length, 1);
  if (bits !== undefined && (elements * bits) / 8 !== end - start) {
    invalid(`The tensor "${name}" is not as long as its shape says.`);
  }
  return { name, dtype, start, end };
}

function checkOffsets(tensors: Tensor[], dataBytes: number): void {
  let position = 0;
  for (const tensor of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (tensor.start !== position) invalid(`The tensor "${tensor.name}" does not begin where the one before it ends.`);
    position = tensor.end;
  }
  if (position !== dataBytes) invalid(`The tensors take ${position} bytes, and the file holds ${dataBytes}.`);
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (!isRecord(metadata)) invalid('The metadata is not an object.');
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') invalid(`The metadata "${key}" is not text.`);
    texts[key] = value;
  }
  return texts;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && Number(item) >= 0);
}

function invalid(message: string): never {
  throw new FalError('invalid_safetensors', message);
}
