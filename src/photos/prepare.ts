import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileTypeFromFile } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { storageError } from '../storage/faults.ts';
import type { StorageError } from '../storage/storage.ts';
import { formatNamed, formats, type PhotoFormat, photoRules, type Refusal } from './rules.ts';
import { createTurns } from './turns.ts';

/** A photo as it is stored: upright, without metadata, in its own format. */
export type Prepared = {
  path: string;
  format: PhotoFormat;
  width: number;
  height: number;
  size: number;
  sha256: string;
};

const { maxMegapixels, minSide } = photoRules;
const maxPixels = (maxMegapixels + 1) * 1e6 - 1;
const secondsToDecode = 30;
// What is decoded may be large: 24 megapixels are 72 MB. Two at a time use two cores and keep the rest waiting on disk.
const inTurn = createTurns(2);
const quality = 95;
// No picture is looked at twice, so what libvips would keep of it is lost memory.
sharp.cache(false);

/**
 * Looks at a file by its content, not by its name, and makes of it what is stored. Everything but the pixels goes:
 * place, camera, previews, comments; the orientation is applied to the pixels, the colours are brought to sRGB.
 * @param path the file as it came
 * @param target where the prepared photo is put
 * @returns why the file can't be taken, or the photo
 * @throws StorageError when the disk is full
 */
export async function preparePhoto(path: string, target: string): Promise<Prepared | Refusal> {
  const type = await fileTypeFromFile(path);
  const format = type && formatNamed(type.ext);
  if (!format) return unsupported(type?.mime);
  return inTurn(async () => (await refusalByHeader(path, format)) ?? reencode(path, target, format));
}

// Reads no pixels, so that a small file that unpacks to gigabytes costs nothing.
async function refusalByHeader(path: string, format: PhotoFormat): Promise<Refusal | null> {
  const header = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  if (!header || header.format !== formats[format].decoder) return damaged('its header can’t be read');
  const { width, height, pages = 1 } = header;
  if (pages > 1) return { code: 'animated', detail: 'is animated: send a single picture' };
  const megapixels = (width * height) / 1e6;
  if (width * height > maxPixels) {
    const detail = `has ${megapixels.toFixed(1)} megapixels, and ${maxMegapixels} are taken at most: send a smaller copy`;
    return { code: 'too_many_pixels', detail };
  }
  if (Math.min(width, height) < minSide) {
    const detail = `is ${width}×${height}, and the shorter side must have ${minSide} pixels at least: send a larger one`;
    return { code: 'too_small', detail };
  }
  return null;
}

async function reencode(path: string, target: string, format: PhotoFormat): Promise<Prepared | Refusal> {
  const upright = sharp(path, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: secondsToDecode })
    .autoOrient();
  const encoded = await encode(upright, format)
    .toFile(target)
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (encoded instanceof Error) {
    // libvips names the file that it can't write; faults of the picture name the file that is read, or none.
    if (encoded.message.startsWith(target)) throw cantWrite(encoded.message);
    return damaged(encoded.message.split('\n', 1)[0] ?? '');
  }
  const { width, height, size } = encoded;
  return { path: target, format, width, height, size, sha256: await hashOf(target) };
}

function cantWrite(message: string): StorageError {
  const code = message.includes('No space left on device') ? 'ENOSPC' : 'EIO';
  return storageError('preparing a photo', Object.assign(new Error(message), { code }), { writing: true });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function encode(image: Sharp, format: PhotoFormat): Sharp {
  switch (format) {
    case 'jpg':
      // Better codes would save a few percent, for twice the time and a copy of the whole picture in memory.
      return image.jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false });
    case 'png':
      return image.png();
    case 'webp':
      return image.webp({ quality });
  }
}

function unsupported(mime: string | undefined): Refusal {
  const what = mime ? `is ${mime}` : 'is no picture';
  const code = mime === 'image/apng' ? 'animated' : 'unsupported_format';
  return { code, detail: `${what}: send JPEG, PNG or WebP` };
}

function damaged(reason: string): Refusal {
  return { code: 'damaged', detail: `is damaged or cut off (${reason}): send it again, or another one` };
}
