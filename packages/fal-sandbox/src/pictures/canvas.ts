import { dotsOf, glyphHeight, glyphWidth } from './font.ts';

/** Red, green and blue, 0 to 255. */
export type Color = readonly [number, number, number];

/** Width of a character with the gap to the next, in dots. */
export const advance = glyphWidth + 1;
export const lineHeight = glyphHeight + 2;

/** Raw pixels to draw into; anything outside is clipped. */
export interface Canvas {
  width: number;
  height: number;
  /** Four bytes per pixel, the last of them 255. */
  bytes: Buffer;
  rectangle(left: number, top: number, right: number, bottom: number, color: Color): void;
  /** Draws an ellipse, or its part above `bottom`. */
  ellipse(x: number, y: number, radiusX: number, radiusY: number, color: Color, bottom?: number): void;
  /** Draws text in dots of `scale` pixels, its upper left corner at x and y; `opacity` is 0 to 1. */
  text(x: number, y: number, scale: number, words: string, color: Color, opacity?: number): void;
}

export function createCanvas(width: number, height: number): Canvas {
  const pixels = new Uint32Array(width * height).fill(pixelOf([0, 0, 0]));
  const bytes = Buffer.from(pixels.buffer);

  function span(y: number, from: number, to: number, pixel: number): void {
    if (y < 0 || y >= height) return;
    const left = Math.max(0, Math.round(from));
    const right = Math.min(width, Math.round(to));
    if (left < right) pixels.fill(pixel, y * width + left, y * width + right);
  }

  function rectangle(left: number, top: number, right: number, bottom: number, color: Color): void {
    for (let y = Math.round(top); y < Math.round(bottom); y++) span(y, left, right, pixelOf(color));
  }

  function blend(left: number, top: number, side: number, [red, green, blue]: Color, opacity: number): void {
    const right = Math.min(width, left + side);
    const mix = (at: number, value: number): void => {
      const below = bytes[at] ?? 0;
      bytes[at] = below + (value - below) * opacity;
    };
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      for (let x = Math.max(0, left); x < right; x++) {
        const at = (y * width + x) * 4;
        mix(at, red);
        mix(at + 1, green);
        mix(at + 2, blue);
      }
    }
  }

  return {
    width,
    height,
    bytes,
    rectangle,

    ellipse(x, y, radiusX, radiusY, color, bottom = height) {
      for (let row = Math.floor(y - radiusY); row <= Math.min(y + radiusY, bottom); row++) {
        const share = 1 - ((row - y) / radiusY) ** 2;
        const reach = share > 0 ? radiusX * Math.sqrt(share) : 0;
        if (reach > 0) span(row, x - reach, x + reach, pixelOf(color));
      }
    },

    text(x, y, scale, words, color, opacity = 1) {
      Array.from(words).forEach((character, place) => {
        const start = Math.round(x) + place * advance * scale;
        if (start >= width || start + advance * scale < 0) return;
        dotsOf(character).forEach((dots, row) => {
          dots.forEach((dot, column) => {
            const [left, top] = [start + column * scale, Math.round(y) + row * scale];
            if (!dot) return;
            if (opacity === 1) rectangle(left, top, left + scale, top + scale, color);
            else blend(left, top, scale, color, opacity);
          });
        });
      });
    },
  };
}

/** A pixel as a 32-bit number, red first in memory (little endian). */
function pixelOf([red, green, blue]: Color): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
