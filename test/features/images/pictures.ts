import { crc32 } from 'node:zlib';
import sharp, { type JpegOptions, type Sharp } from 'sharp';

/** Pictures as models make them, and as they never should; sides are small, since all that counts is their form. */
export const [width, height] = [96, 128];

/** A soft picture with details. @param seed others have other pixels */
export function scene(seed = 1, size: { width: number; height: number } = { width, height }): Sharp {
  const dots = Buffer.from(Array.from({ length: 12 * 16 * 3 }, (_, index) => (index * (seed * 2 + 35)) % 251));
  const raw = sharp(dots, { raw: { width: 12, height: 16, channels: 3 } })
    .png()
    .resize(size);
  return raw.resize({ ...size, fit: 'fill', kernel: 'cubic' });
}

/** What a file may say of the person and the wish behind it, and the markers by which to find it again. */
export const secrets = ['PROMPT-MARKER', 'CAMERA-MARKER', 'TRAILER-MARKER'];
const exif = {
  IFD0: { ImageDescription: 'PROMPT-MARKER', Make: 'CAMERA-MARKER' },
  IFD3: { GPSLatitude: '52/1 30/1 0/1' },
};
const foreignXmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>PROMPT-MARKER</rdf:RDF></x:xmpmeta>';
const trailer = Buffer.from('TRAILER-MARKER');

/** A JPEG with Exif, GPS, XMP, a comment, a profile, an unknown segment, and more behind its end. */
export async function talkativeJpeg(picture = scene(), options: JpegOptions = {}): Promise<Buffer> {
  const bytes = await picture.withExif(exif).withXmp(foreignXmp).withIccProfile('p3').jpeg(options).toBuffer();
  const rest = bytes.subarray(2);
  return Buffer.concat([
    bytes.subarray(0, 2),
    segment(0xfe, 'PROMPT-MARKER'),
    segment(0xed, 'PROMPT-MARKER'),
    rest,
    trailer,
  ]);
}

export function segment(marker: number, content: string | Buffer): Buffer {
  const body = Buffer.from(content);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A PNG with texts of each sort, Exif, time, XMP, and more behind its end. */
export async function talkativePng(picture = scene()): Promise<Buffer> {
  const bytes = await picture.withExif(exif).withXmp(foreignXmp).png().toBuffer();
  const texts = [
    chunk('tEXt', 'parameters\0PROMPT-MARKER'),
    chunk('iTXt', 'prompt\0\0\0\0\0PROMPT-MARKER'),
    chunk('tIME', '1234567'),
  ];
  return Buffer.concat([bytes.subarray(0, 33), ...texts, bytes.subarray(33), trailer]);
}

export function chunk(type: string, content: string): Buffer {
  const body = Buffer.from(type + content);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length - 4);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, end]);
}

/** A PNG header of any size, whose pixels are missing. */
export async function hugePng(): Promise<Buffer> {
  const bytes = await scene().png().toBuffer();
  const header = Buffer.from(bytes.subarray(16, 29));
  header.writeUInt32BE(6000, 0);
  header.writeUInt32BE(6000, 4);
  return Buffer.concat([bytes.subarray(0, 8), chunk('IHDR', header.toString('latin1')), bytes.subarray(33)]);
}
