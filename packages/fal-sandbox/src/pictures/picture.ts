import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Picture } from '../job.ts';
import { advance, type Canvas, createCanvas, lineHeight } from './canvas.ts';
import { captionOf, wrap } from './caption.ts';
import { hsl } from './color.ts';
import { drawFace, drawNobody, traitsOf } from './face.ts';

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:CreatorTool="fal-sandbox"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">Drawn by fal-sandbox; shows nobody</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>`;

/** A JPEG at quality 95 or a PNG; deterministic. */
export async function pictureBytes(picture: Picture): Promise<Buffer> {
  if (picture.look === 'no-image') return Buffer.from('<html>Service Unavailable</html>');
  const canvas = createCanvas(picture.width, picture.height);
  if (picture.look === 'face') draw(canvas, picture);
  const { width, height, bytes } = canvas;
  const image = sharp(bytes, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .withXmp(xmp);
  return (picture.format === 'png' ? image.png({ compressionLevel: 1 }) : image.jpeg({ quality: 95 })).toBuffer();
}

function draw(canvas: Canvas, picture: Picture): void {
  const { width, height, loras } = picture;
  const lot = lotOf(picture);
  drawBackground(canvas, lot);
  const scale = Math.max(1, Math.floor(Math.min(width, height) / 256));
  const lines = captionLines(picture, scale);
  const below = Math.min(height, (lines.length * lineHeight + 2) * scale);
  const free = height - below;
  const size = Math.min(width * 0.3, free * 0.3);
  const gaze = (lot[4] ?? 0) / 127.5 - 1;
  const place = { x: width / 2 + gaze * size * 0.3, y: free * 0.52, size, gaze };
  const [first] = loras;
  if (first) drawFace(canvas, traitsOf(first.sha256), place);
  else drawNobody(canvas, place);
  drawTiles(canvas, scale);
  canvas.rectangle(0, free, width, height, [20, 20, 24]);
  lines.forEach(({ words, color }, row) => {
    canvas.text(2 * scale, free + (row * lineHeight + 2) * scale, scale, words, color);
  });
}

/** Numbers that depend on prompt, seed and place in the batch. */
function lotOf({ prompt, seed, index }: Picture): Buffer {
  return createHash('sha256').update(`${seed} ${index} ${prompt}`).digest();
}

function drawBackground({ width, height, rectangle }: Canvas, lot: Buffer): void {
  const hue = (lot.readUInt16LE(0) * 360) / 65536;
  const turn = 30 + (lot[2] ?? 0) / 2;
  for (let y = 0; y < height; y++) {
    const share = y / height;
    rectangle(0, y, width, y + 1, hsl(hue + turn * share, 0.35, 0.5 + 0.25 * share));
  }
}

/** Tiles the word SANDBOX across a picture, the face included. */
function drawTiles(canvas: Canvas, scale: number): void {
  const word = 'SANDBOX   ';
  const [across, down] = [word.length * advance * scale, lineHeight * scale * 3];
  for (let row = 0; row * down < canvas.height; row++) {
    const words = word.repeat(Math.ceil(canvas.width / across) + 1);
    canvas.text(-((row * across) / 3) % across, row * down, scale, words, [255, 255, 255], 0.45);
  }
}

function captionLines(picture: Picture, scale: number) {
  const columns = Math.max(1, Math.floor(picture.width / (advance * scale)) - 1);
  return captionOf(picture).flatMap(({ words, color }) => wrap(words, columns).map((line) => ({ words: line, color })));
}
