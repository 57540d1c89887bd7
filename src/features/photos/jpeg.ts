import { appendFile, type FileHandle, open } from 'node:fs/promises';
import { storageError } from '../../platform/storage/faults.ts';

// Sum of the luminance table of ITU-T T.81 K.1, which quality 50 stands for.
const sumAtQuality50 = 3688;
const mostSegments = 200;
const startOfScan = 0xda;
const quantisation = 0xdb;

/**
 * Puts an end marker (EOI, ITU-T T.81 B.1.1.3) behind a JPEG: some lack nothing else, and behind another one it is not read.
 * @throws StorageError when the disk is full
 */
export async function endJpeg(path: string): Promise<void> {
  await appendFile(path, Buffer.from([0xff, 0xd9])).catch((error: unknown) => {
    throw storageError('preparing a photo', error, { writing: true });
  });
}

/**
 * @returns the quality by which a JPEG was encoded, 1 to 100 as libjpeg counts, from its first table of quantisation; null
 * when there is none. It tells how much of a photo is worth keeping.
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

/** Goes from segment to segment (B.1.1.4) up to the first table of 8 bits (B.2.4.1). */
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
