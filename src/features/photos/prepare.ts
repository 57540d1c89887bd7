import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileTypeFromFile } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { storageError } from '../../platform/storage/faults.ts';
import { endJpeg, qualityOfJpeg } from './jpeg.ts';
import { formatNamed, formats, type PhotoFormat, photoRules, type Refusal } from './rules.ts';

/** A photo as stored: upright, opaque, without metadata, in its own format. */
export type Prepared = {
  path: string;
  format: PhotoFormat;
  width: number;
  height: number;
  size: number;
  sha256: string;
};
export type Inspected = { format: PhotoFormat; pixels: number };

const { maxMegapixels, minSide, maxAspect } = photoRules;
const maxPixels = (maxMegapixels + 1) * 1e6 - 1;
const secondsToDecode = 10;
/** Photos up to this size are taken however much they grew. */
const modestBytes = 4 * 1024 * 1024;
const mostGrowth = 10;
/** On a channel's scale of 0 to 255. */
const leastDeviation = 0.5;
const bestQuality = 92;
const leastQuality = 75;
// No picture is decoded twice, so libvips' cache would only cost memory.
sharp.cache(false);

/**
 * Identifies a file by its content, not its name. Decodes no pixels, so that a decompression bomb costs nothing.
 * @returns why the file is refused, or what it is
 */
export async function inspectPhoto(path: string): Promise<Inspected | Refusal> {
  const type = await fileTypeFromFile(path);
  const isStill = type?.ext === 'apng' && (await hasOneFrame(path));
  const format = isStill ? 'png' : type && formatNamed(type.ext);
  if (!format) return unsupported(type?.mime);
  const header = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  if (!header || header.format !== formats[format].decoder) return damaged();
  const { width, height, pages = 1 } = header;
  if (pages > 1) return { code: 'animated', detail: 'is animated: send a single picture' };
  return refusalOfSize(width, height) ?? { format, pixels: width * height };
}

function refusalOfSize(width: number, height: number): Refusal | null {
  if (width * height > maxPixels) {
    const megapixels = ((width * height) / 1e6).toFixed(1);
    const detail = `has ${megapixels} megapixels, and ${maxMegapixels} are taken at most: send a smaller copy`;
    return { code: 'too-many-pixels', detail };
  }
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  if (shorter < minSide) {
    const detail = `is ${width}×${height}, and the shorter side must have ${minSide} pixels at least: send a larger one`;
    return { code: 'too-small', detail };
  }
  if (longer > shorter * maxAspect) {
    const detail = `is ${width}×${height}, and the longer side may be ${maxAspect} times the shorter at most: crop it to the person`;
    return { code: 'too-narrow', detail };
  }
  return null;
}

/**
 * Re-encodes a file for storage. Everything but the pixels is dropped (location, camera, previews, comments);
 * orientation is applied, colours are converted to sRGB, and transparency becomes white.
 * @param path the file as received; an end marker is appended to JPEGs
 * @param format from {@link inspectPhoto}
 * @param target where to write the prepared photo
 * @returns why the file is refused, or the photo
 * @throws StorageError when the disk is full
 */
export async function preparePhoto(path: string, format: PhotoFormat, target: string): Promise<Prepared | Refusal> {
  const { size: sent } = await stat(path);
  const quality = format === 'jpg' ? await readyJpeg(path) : bestQuality;
  // Damaged files decode with a warning, and grey or black areas.
  const picture = sharp(path, { limitInputPixels: maxPixels, failOn: 'warning', sequentialRead: true })
    .timeout({ seconds: secondsToDecode })
    // Without it, 16-bit images with a profile get wrong colours.
    .pipelineColourspace('srgb')
    .autoOrient()
    .flatten({ background: '#fff' });
  const encoded = await encode(picture, format, quality)
    .toFile(target)
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (encoded instanceof Error) return refusalFor(encoded, target);
  const { width, height, size } = encoded;
  if (size > Math.max(modestBytes, sent * mostGrowth)) return tooComplex();
  if (await isFeatureless(target)) {
    const detail = 'shows one colour alone, what is transparent counted as white: send a photo of the person';
    return { code: 'featureless', detail };
  }
  return { path: target, format, width, height, size, sha256: await hashOf(target) };
}

/** The quality to encode with: that of the original, since a higher one only makes the file larger. */
async function readyJpeg(path: string): Promise<number> {
  await endJpeg(path);
  const quality = (await qualityOfJpeg(path)) ?? bestQuality;
  return Math.min(bestQuality, Math.max(leastQuality, quality));
}

async function refusalFor(error: Error, target: string): Promise<Refusal> {
  if (error.message.startsWith('timeout:')) return tooComplex();
  // libvips reports a truncated picture as a failure to write the target, so the disk is tested.
  const code = error.message.includes('No space left on device') ? 'ENOSPC' : null;
  const fault = code ? Object.assign(new Error('the disk is full'), { code }) : await diskFault(target);
  if (fault) throw storageError('preparing a photo', fault, { writing: true });
  return damaged();
}

async function diskFault(target: string): Promise<unknown> {
  return appendFile(target, Buffer.alloc(64 * 1024)).then(
    () => null,
    (error: unknown) => error,
  );
}

/** Compares averages of small areas, so that noise and compression artefacts of a single colour do not count. */
async function isFeatureless(path: string): Promise<boolean> {
  const { data, info } = await sharp(path)
    .resize(128, 128, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { channels } = await sharp(data, { raw: info }).stats();
  return channels.every(({ stdev }) => stdev < leastDeviation);
}

/** Whether the acTL chunk of an animated PNG declares a single frame. */
async function hasOneFrame(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer: head, bytesRead } = await file.read({ buffer: Buffer.alloc(64 * 1024), position: 0 });
    const at = head.subarray(0, bytesRead).indexOf('acTL');
    return at >= 0 && at + 8 <= bytesRead && head.readUInt32BE(at + 4) === 1;
  } finally {
    await file.close();
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function encode(image: Sharp, format: PhotoFormat, quality: number): Sharp {
  switch (format) {
    case 'jpg':
      // Better codes save a few percent for twice the time and a copy of the whole picture in memory.
      return image.jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false });
    case 'png':
      return image.png();
    case 'webp':
      // More effort takes four times as long on the worst input, and saves nothing.
      return image.webp({ quality, effort: 2 });
  }
}

function unsupported(mime: string | undefined): Refusal {
  if (mime === 'image/apng') return { code: 'animated', detail: 'is animated (image/apng): send a single picture' };
  return { code: 'unsupported-format', detail: `${mime ? `is ${mime}` : 'is no picture'}: send JPEG, PNG or WebP` };
}

function damaged(): Refusal {
  return { code: 'damaged', detail: 'is damaged or cut off: send the original file again, or another photo' };
}

function tooComplex(): Refusal {
  const detail = 'takes far more time or room than photos of its size do: save it as a JPEG and send that';
  return { code: 'too-complex', detail };
}
