import sharp, { type Metadata } from 'sharp';
import { formatOf, type ImageFormat, imageRules } from './rules.ts';

/** A picture after it was decoded; sides in pixels, as it is shown. */
export type Seen = {
  format: ImageFormat;
  width: number;
  height: number;
  /** Whether its metadata turn or mirror it. */
  isTurned: boolean;
  isBlack: boolean;
  thumbnail: Buffer;
};
/** Why it can not be used; ends a sentence that begins with the image. */
export type Unusable = { unusable: string };

/** fal's safety checker puts a black picture in the place of what it hides; JPEG may make 0 a 1 or 2. */
const blackest = 2;
const secondsToDecode = 30;
// No picture is decoded twice, so libvips' cache would only cost memory.
sharp.cache(false);

/**
 * Decodes all of a picture, once, outside the event loop.
 * @param xmp what the thumbnail bears
 */
export async function look(bytes: Buffer, xmp: string): Promise<Seen | Unusable> {
  const format = formatOf(bytes);
  if (!format) return { unusable: 'is neither JPEG nor PNG' };
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  if (header?.format !== format) return damaged;
  const refusal = refusalOf(header);
  if (refusal) return refusal;
  return decode(bytes, xmp).then(
    (seen) => ({ ...seen, format, isTurned: (header.orientation ?? 1) !== 1 }),
    () => damaged,
  );
}

const damaged: Unusable = { unusable: 'is damaged or cut off' };

function refusalOf({ width, height, pages = 1 }: Metadata): Unusable | null {
  if (pages > 1) return { unusable: 'is animated' };
  if (width * height <= imageRules.maxPixels) return null;
  const [most, megapixels] = [imageRules.maxPixels / 1e6, ((width * height) / 1e6).toFixed(1)];
  return { unusable: `has ${megapixels} megapixels, and ${most} are taken at most` };
}

async function decode(bytes: Buffer, xmp: string): Promise<Omit<Seen, 'format' | 'isTurned'>> {
  // Damaged files decode with a warning, and grey or black areas.
  const picture = sharp(bytes, { limitInputPixels: imageRules.maxPixels, failOn: 'warning' })
    .timeout({ seconds: secondsToDecode })
    // Without it, 16-bit images with a profile get wrong colours.
    .pipelineColourspace('srgb')
    .autoOrient()
    .toColourspace('srgb');
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const decoded = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  const { channels } = await decoded().stats();
  const side = imageRules.thumbnailSide;
  return {
    width: info.width,
    height: info.height,
    isBlack: colours(channels).every(({ max }) => max <= blackest),
    thumbnail: await decoded()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .withXmp(xmp)
      .toBuffer(),
  };
}

// Of two or four channels the last is opacity.
function colours<T>(channels: readonly T[]): readonly T[] {
  return channels.length % 2 === 0 ? channels.slice(0, -1) : channels;
}
