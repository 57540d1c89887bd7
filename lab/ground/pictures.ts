import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

type Picture = { width?: number; height?: number; seed?: number };

let made = 0;

/** A unique picture: a colour and a stripe by seed, so that hashes differ and it compresses well. */
export function picture({ width = 600, height = 600, seed = (made += 1) }: Picture = {}): Sharp {
  const background = { r: (seed * 37) % 256, g: (seed * 91) % 256, b: (seed * 53) % 256 };
  const stripe = {
    create: { width: 16, height: 16, channels: 3 as const, background: { r: seed % 256, g: 255, b: 0 } },
  };
  return sharp({ create: { width, height, channels: 3, background } }).composite([
    { input: stripe, left: (seed * 7) % (width - 16), top: (seed * 13) % (height - 16) },
  ]);
}

export function jpeg(options: Picture = {}): Promise<Buffer> {
  return picture(options).jpeg().toBuffer();
}

/** A PNG header that declares these dimensions, with almost nothing behind it. */
export function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const end = chunk('IEND', Buffer.alloc(0));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1024))), end]);
}
