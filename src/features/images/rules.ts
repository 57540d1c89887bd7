/** What is taken of an image that fal made. Sides in pixels. */
export const imageRules = { maxPixels: 30_000_000, thumbnailSide: 512 } as const;

/** The formats that models make, by the names that sharp gives them. */
export const formats = {
  jpeg: { contentType: 'image/jpeg', extension: 'jpg' },
  png: { contentType: 'image/png', extension: 'png' },
} as const;
export type ImageFormat = keyof typeof formats;

/** Told by the first bytes (ITU-T T.81 B.1.1.3, W3C PNG §5.2), whatever name or content type the file has. */
export function formatOf(bytes: Buffer): ImageFormat | null {
  if (bytes.subarray(0, 3).equals(jpegStart)) return 'jpeg';
  return bytes.subarray(0, 8).equals(pngSignature) ? 'png' : null;
}

const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
