import type { Color } from './canvas.ts';

/** Hue in degrees; saturation and lightness from 0 to 1. */
export function hsl(hue: number, saturation: number, lightness: number): Color {
  const channel = (shift: number): number => {
    const place = (shift + hue / 30) % 12;
    const part = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - part * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
