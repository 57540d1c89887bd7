import { crc32 } from 'node:zlib';
import { pngSignature } from './rules.ts';

/** Chunks without which the pixels or their colours would be others (W3C PNG §11). */
const needed = new Set(
  ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].concat(['cHRM', 'gAMA', 'iCCP', 'sBIT', 'sRGB', 'cICP', 'mDCV', 'cLLI']),
);

/**
 * Copies a PNG with its coded pixels as they are: drops every chunk that neither pixels nor colours need, such as texts,
 * Exif and times, and what follows the end; adds XMP.
 * @returns null when its chunks can't be read
 */
export function markPng(bytes: Buffer, xmp: string): Buffer | null {
  const parts: Buffer[] = [pngSignature];
  let isMarked = false;
  if (!bytes.subarray(0, 8).equals(pngSignature)) return null;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT' && !isMarked) {
      parts.push(xmpChunk(xmp));
      isMarked = true;
    }
    if (needed.has(type)) parts.push(bytes.subarray(at, end));
    if (type === 'IEND') return isMarked ? Buffer.concat(parts) : null;
    at = end;
  }
  return null;
}

// ISO 16684-3, 1.1.5: an iTXt chunk with this keyword, uncompressed, without language.
function xmpChunk(xmp: string): Buffer {
  const content = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${xmp}`);
  const chunk = Buffer.alloc(content.length + 8);
  chunk.writeUInt32BE(content.length - 4, 0);
  content.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(content), content.length + 4);
  return chunk;
}
