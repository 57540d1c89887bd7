import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const count = 12;
const width = 1024;
const height = 1280;

/**
 * Creates the missing photos of the demo: JPEGs of a figure in varying light and place, drawn, so that they show no
 * real face, and deterministic.
 * @returns their paths
 */
export async function makeSamplePhotos(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = [];
  for (let index = 0; index < count; index += 1) {
    const path = join(folder, `photo-${String(index + 1).padStart(2, '0')}.jpg`);
    paths.push(path);
    if (existsSync(path)) continue;
    // In two steps: enlarging a drawing while it is rendered costs ten times as much.
    const small = await sharp(Buffer.from(drawingOf(index)))
      .removeAlpha()
      .png()
      .toBuffer();
    const large = sharp(small).resize(width, height, { kernel: 'linear' });
    // Renamed when complete.
    await writeFile(`${path}.part`, await large.jpeg({ quality: 85 }).toBuffer());
    await rename(`${path}.part`, path);
  }
  return paths;
}

function drawingOf(index: number): string {
  const hue = (index * 47) % 360;
  const across = 96 + ((index * 53) % 64);
  const down = 120 + ((index * 29) % 40);
  const size = 40 + ((index * 17) % 22);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 320" width="256" height="320">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="${index % 2}" y2="1">
        <stop offset="0" stop-color="hsl(${hue}, 55%, ${60 + (index % 4) * 7}%)"/>
        <stop offset="1" stop-color="hsl(${(hue + 80) % 360}, 45%, ${25 + (index % 5) * 6}%)"/>
      </linearGradient>
      <filter id="grain" x="0" y="0" width="100%" height="100%">
        <feTurbulence type="fractalNoise" baseFrequency="0.${2 + (index % 6)}" numOctaves="2" seed="${index + 1}"/>
        <feColorMatrix type="saturate" values="0.3"/>
      </filter>
    </defs>
    <rect width="256" height="320" fill="url(#sky)"/>
    <path d="M0 ${210 + index * 3} Q ${60 + index * 9} ${180 - index * 2} 256 ${220 - index * 4} V 320 H 0 Z" fill="hsl(${(hue + 140) % 360}, 35%, 30%)"/>
    <ellipse cx="${across}" cy="${down + size * 2.4}" rx="${size * 1.5}" ry="${size * 1.7}" fill="hsl(${(hue + 200) % 360}, 50%, 40%)"/>
    <ellipse cx="${across}" cy="${down}" rx="${size * 0.8}" ry="${size}" fill="hsl(28, 45%, ${52 + (index % 3) * 8}%)"/>
    <path d="M${across - size * 0.8} ${down} a${size * 0.8} ${size} 0 0 1 ${size * 1.6} 0 z" fill="hsl(20, 40%, 22%)"/>
    <rect width="256" height="320" filter="url(#grain)" opacity="0.25"/>
  </svg>`;
}
