import sharp from 'sharp';
import { markJpeg } from './mark-jpeg.ts';
import { markPng } from './mark-png.ts';
import type { ImageFormat } from './rules.ts';

const marks = { jpeg: markJpeg, png: markPng } as const;
const quality = 95;

/**
 * Takes everything from a picture that its colours do not need, and adds XMP. The pixels stay as they came; only a picture
 * that its metadata turn, or whose segments can't be read, is encoded again.
 */
export async function mark(
  bytes: Buffer,
  { format, isTurned }: { format: ImageFormat; isTurned: boolean },
  xmp: string,
): Promise<Buffer> {
  const marked = isTurned ? null : marks[format](bytes, xmp);
  if (marked) return marked;
  const upright = sharp(bytes).autoOrient().keepIccProfile().withXmp(xmp);
  return format === 'jpeg'
    ? upright.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer()
    : upright.png().toBuffer();
}
