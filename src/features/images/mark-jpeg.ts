const [startOfImage, endOfImage, startOfScan, comment] = [0xd8, 0xd9, 0xda, 0xfe];
const jfif = Buffer.from('JFIF\0');
const icc = Buffer.from('ICC_PROFILE\0');
const xmpHeader = Buffer.from('http://ns.adobe.com/xap/1.0/\0');

/**
 * Copies a JPEG with its coded pixels as they are (ITU-T T.81 B.1): drops comments, application segments and what
 * follows the end, keeps what the colours need (JFIF without its thumbnail, ICC profile, Adobe's APP14), adds XMP.
 * @returns null when its segments can't be read
 */
export function markJpeg(bytes: Buffer, xmp: string): Buffer | null {
  const parts: Buffer[] = [];
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return null;
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    // Any number of fill bytes may precede a marker.
    while (bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1] ?? 0;
    if (marker === endOfImage) return assemble(parts, xmp);
    if (isBare(marker) || at + 4 > bytes.length) return null;
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    const kept = keptOf(marker, bytes.subarray(at, end));
    if (kept) parts.push(kept);
    at = end;
    if (marker === startOfScan) {
      const next = endOfScan(bytes, at);
      parts.push(bytes.subarray(at, next));
      at = next;
    }
  }
  return null;
}

// The JFIF segment stands first.
function assemble(parts: readonly Buffer[], xmp: string): Buffer {
  const first = parts[0]?.[1] === 0xe0 ? 1 : 0;
  const start = Buffer.from([0xff, startOfImage]);
  const end = Buffer.from([0xff, endOfImage]);
  return Buffer.concat([start, ...parts.slice(0, first), xmpSegment(xmp), ...parts.slice(first), end]);
}

// ISO 16684-3, 1.1.3: APP1 with this header.
function xmpSegment(xmp: string): Buffer {
  const body = Buffer.concat([xmpHeader, Buffer.from(xmp)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function keptOf(marker: number, segment: Buffer): Buffer | null {
  if (marker === comment) return null;
  // Behind 0xF0 lie reserved markers, which no decoder needs.
  if (marker < 0xe0) return segment;
  const content = segment.subarray(4);
  if (marker === 0xe0) return content.subarray(0, jfif.length).equals(jfif) ? withoutThumbnail(segment) : null;
  if (marker === 0xe2) return content.subarray(0, icc.length).equals(icc) ? segment : null;
  return marker === 0xee ? segment : null;
}

// Version, units and densities remain; thumbnail sides become 0 (JFIF 1.02, p. 5).
function withoutThumbnail(segment: Buffer): Buffer | null {
  if (segment.length < 18) return null;
  const plain = Buffer.from(segment.subarray(0, 18));
  plain.writeUInt16BE(16, 2);
  plain.fill(0, 16);
  return plain;
}

/** TEM and the restart markers, which have no length and stand inside a scan, or nowhere. */
function isBare(marker: number): boolean {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/** Where the marker after the coded data begins: stuffed zeros and restart markers belong to the data (B.1.1.5). */
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at += 1;
    else return at;
  }
  return bytes.length;
}
