import { createHash } from 'node:crypto';
import { extname, posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { JsonObject } from './json.ts';
import { Refusal } from './outcomes.ts';

export interface ArchiveRules {
  field: string;
  minimumImages: number;
  takesMasks: boolean;
  minimumSide: number;
  decode: boolean;
}

export interface ArchiveReport {
  images: { name: string; width: number; height: number; format: string }[];
  captions: number;
  masks: number;
  /** SHA-256 over names and contents in the order of the archive. */
  fingerprint: string;
}

const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp'];
const largestEntry = 100 * 1024 ** 2;
const most = 1000;

/**
 * Opens a zip, counts its images and decodes each.
 * @throws Refusal with fal's error type (fal contract §1.7) for no zip, too few or too many images, or one that is
 * broken, too small or too large
 */
export async function inspectArchive(path: string, rules: ArchiveRules): Promise<ArchiveReport> {
  const zip = await openZip(path, rules);
  const hash = createHash('sha256');
  const report: ArchiveReport = { images: [], captions: 0, masks: 0, fingerprint: '' };
  try {
    for await (const entry of zip.eachEntry()) {
      const name = posix.basename(entry.fileName);
      if (entry.fileName.endsWith('/') || entry.fileName.startsWith('__MACOSX/') || name.startsWith('.')) continue;
      await take(zip, entry, name, rules, report, hash);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : invalidArchive(rules.field);
  } finally {
    zip.close();
  }
  checkCount(report.images.length, rules);
  return { ...report, fingerprint: hash.digest('hex') };
}

async function openZip(path: string, rules: ArchiveRules): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false });
  } catch {
    throw invalidArchive(rules.field);
  }
}

async function take(
  zip: ZipFile,
  entry: Entry,
  name: string,
  rules: ArchiveRules,
  report: ArchiveReport,
  hash: ReturnType<typeof createHash>,
): Promise<void> {
  const extension = extname(name).toLowerCase();
  if (extension === '.txt') report.captions += 1;
  if (!imageExtensions.includes(extension)) return;
  if (entry.uncompressedSize > largestEntry) {
    throw refuse(rules, 'file_too_large', `File size of "${name}" exceeds the maximum`, { max_size: largestEntry });
  }
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  hash.update(name).update(bytes);
  const size = await readImage(bytes, name, rules);
  if (rules.takesMasks && name.slice(0, -extension.length).endsWith('_mask')) report.masks += 1;
  else report.images.push({ name, ...size });
  if (report.images.length > most) {
    throw refuse(rules, 'archive_file_count_exceeds_maximum', `The archive holds more than ${most} files`, {
      max_count: most,
    });
  }
}

async function readImage(bytes: Buffer, name: string, rules: ArchiveRules) {
  const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: 200_000_000 });
  const loaded = await readSize(image, rules.decode).catch(() => {
    throw refuse(
      rules,
      'image_load_error',
      `Failed to load the image "${name}". Please ensure the file is a valid image.`,
    );
  });
  const side = rules.minimumSide;
  if (Math.min(loaded.width, loaded.height) < side) {
    const msg = `Image "${name}" is too small. Minimum dimensions are ${side}x${side} pixels.`;
    throw refuse(rules, 'image_too_small', msg, { min_width: side, min_height: side });
  }
  return loaded;
}

/** Making a small thumbnail reads the whole file, which detects truncation. */
async function readSize(image: ReturnType<typeof sharp>, decode: boolean) {
  const { width, height, format } = await image.metadata();
  if (decode) await image.resize(32, 32, { fit: 'fill' }).raw().toBuffer();
  return { width, height, format };
}

function checkCount(count: number, rules: ArchiveRules): void {
  if (count >= rules.minimumImages) return;
  const msg = `The archive must contain at least ${rules.minimumImages} images, but ${count} were found.`;
  throw refuse(rules, 'archive_file_count_below_minimum', msg, {
    min_count: rules.minimumImages,
    provided_count: count,
  });
}

export function invalidArchive(field: string): Refusal {
  const msg = 'The provided archive is invalid or corrupted. Supported archive types are: .zip';
  const ctx = { supported_extensions: ['.zip'] };
  return new Refusal([{ loc: ['body', field], msg, type: 'invalid_archive', ctx }]);
}

function refuse(rules: ArchiveRules, type: string, msg: string, ctx?: JsonObject): Refusal {
  return new Refusal([{ loc: ['body', rules.field], msg, type, ...(ctx && { ctx }) }]);
}
