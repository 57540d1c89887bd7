import { appendFile, type FileHandle, open } from 'node:fs/promises';
import { storageError } from '../../platform/storage/faults.ts';

// Sum of the luminance table of ITU-T T.81 K.1, which is quality 50.
const sumAtQuality50 = 3688;
const mostSegments = 200;
const startOfScan = 0xda;
const quantisation = 0xdb;

/**
 * Appends an end marker (EOI, ITU-T T.81 B.1.1.3), which some files lack; decoders ignore a second one.
 * @throws StorageError when the disk is full
 */
export async function endJpeg(path: string): Promise<void> {
  await appendFile(path, Buffer.from([0xff, 0xd9])).catch((error: unknown) => {
    throw storageError('preparing a photo', error, { writing: true });
  });
}

/**
 * @returns the quality of a JPEG, 1 to 100 on libjpeg's scale, estimated from its first quantisation table; null
 * without one
 */
export async function qualityOfJpeg(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const table = await firstTable(file);
    if (!table) return null;
    const scale = (table.reduce((sum, value) => sum + value, 0) / sumAtQuality50) * 100;
    const quality = scale <= 100 ? (200 - scale) / 2 : 5000 / scale;
    return Math.min(100, Math.max(1, Math.round(quality)));
  } finally {
    await file.close();
  }
}

/** Walks the segments (B.1.1.4) to the first 8-bit quantisation table (B.2.4.1). */
async function firstTable(file: FileHandle): Promise<Uint8Array | null> {
  let position = 2;
  for (let count = 0; count < mostSegments; count += 1) {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(69), position });
    const [prefix, marker, precision = 0] = [buffer[0], buffer[1], buffer[4]];
    if (bytesRead < 69 || prefix !== 0xff || marker === startOfScan) return null;
    if (marker === quantisation && precision >> 4 === 0) return buffer.subarray(5);
    position += 2 + buffer.readUInt16BE(2);
  }
  return null;
}
