import { createHash } from 'node:crypto';
import type { Canvas, Color } from './canvas.ts';
import { hsl } from './color.ts';

/** The features of a face; skin colours are unreal. */
interface Traits {
  skin: Color;
  shade: Color;
  hair: Color;
  iris: Color;
  shirt: Color;
  hat: 'none' | 'cap' | 'top-hat' | 'bobble';
  glasses: 'none' | 'round' | 'square';
  mouth: 'smile' | 'flat' | 'open';
  longHair: boolean;
  /** Half the head's width, relative to its height. */
  breadth: number;
}

const white: Color = [250, 250, 250];
const black: Color = [25, 25, 30];

/** The traits of a LoRA's bytes: the same LoRA always has the same face, and two are unlikely to share one. */
export function traitsOf(sha256: string): Traits {
  const bytes = createHash('sha256').update(`face ${sha256}`).digest();
  const pick = <T>(place: number, choices: readonly [T, ...T[]]): T =>
    choices[(bytes[place] ?? 0) % choices.length] ?? choices[0];
  const hue = (place: number): number => (bytes.readUInt16LE(place) * 360) / 65536;
  return {
    skin: hsl(hue(0), 0.5, 0.72),
    shade: hsl(hue(0), 0.4, 0.58),
    hair: hsl(hue(2), 0.65, pick(4, [0.22, 0.4, 0.55])),
    iris: hsl(hue(6), 0.8, 0.35),
    shirt: hsl(hue(8), 0.6, 0.5),
    hat: pick(10, ['none', 'cap', 'top-hat', 'bobble']),
    glasses: pick(11, ['none', 'round', 'square']),
    mouth: pick(12, ['smile', 'flat', 'open']),
    longHair: pick(13, [true, false]),
    breadth: pick(14, [0.66, 0.74, 0.82]),
  };
}

interface Place {
  /** Centre of the head, and half its height, in pixels. */
  x: number;
  y: number;
  size: number;
  /** Horizontal direction of the eyes, -1 to 1. */
  gaze: number;
}

/** A head without features, for images without a LoRA. */
export function drawNobody(canvas: Canvas, { x, y, size }: Place): void {
  const grey: Color = [200, 200, 200];
  drawBody(canvas, { x, y, size }, grey, [150, 150, 150]);
  canvas.ellipse(x, y, size * 0.75, size, grey);
}

export function drawFace(canvas: Canvas, traits: Traits, place: Place): void {
  const { x, y, size } = place;
  const half = size * traits.breadth;
  if (traits.longHair) {
    canvas.ellipse(x, y, half * 1.3, size * 1.15, traits.hair);
    canvas.rectangle(x - half * 1.3, y, x + half * 1.3, y + size * 1.1, traits.hair);
  }
  drawBody(canvas, place, traits.shade, traits.shirt);
  for (const side of [-1, 1]) canvas.ellipse(x + side * half, y + size * 0.05, size * 0.14, size * 0.2, traits.shade);
  canvas.ellipse(x, y - size * 0.12, half * 1.1, size * 1.02, traits.hair);
  canvas.ellipse(x, y + size * 0.08, half, size * 0.94, traits.skin);
  for (const side of [-1, 1]) drawEye(canvas, traits, { ...place, x: x + side * half * 0.42, y: y - size * 0.05 });
  canvas.ellipse(x, y + size * 0.28, size * 0.08, size * 0.14, traits.shade);
  drawMouth(canvas, traits, place);
  drawGlasses(canvas, traits, place);
  drawHat(canvas, traits, place);
}

function drawBody(canvas: Canvas, { x, y, size }: Omit<Place, 'gaze'>, neck: Color, shirt: Color): void {
  canvas.rectangle(x - size * 0.28, y + size * 0.5, x + size * 0.28, y + size * 1.4, neck);
  canvas.ellipse(x, y + size * 2.2, size * 1.35, size, shirt);
}

function drawEye(canvas: Canvas, { iris, hair }: Traits, { x, y, size, gaze }: Place): void {
  canvas.rectangle(x - size * 0.17, y - size * 0.26, x + size * 0.17, y - size * 0.2, hair);
  canvas.ellipse(x, y, size * 0.16, size * 0.11, white);
  canvas.ellipse(x + gaze * size * 0.06, y, size * 0.085, size * 0.085, iris);
  canvas.ellipse(x + gaze * size * 0.06, y, size * 0.04, size * 0.04, black);
}

function drawMouth(canvas: Canvas, { mouth, skin }: Traits, { x, y, size }: Place): void {
  const lips: Color = [170, 45, 60];
  const middle = y + size * 0.58;
  if (mouth === 'flat') canvas.rectangle(x - size * 0.25, middle, x + size * 0.25, middle + size * 0.06, lips);
  if (mouth === 'open') canvas.ellipse(x, middle, size * 0.16, size * 0.14, lips);
  if (mouth === 'smile') {
    canvas.ellipse(x, middle, size * 0.28, size * 0.16, lips);
    canvas.ellipse(x, middle - size * 0.07, size * 0.3, size * 0.14, skin);
  }
}

function drawGlasses(canvas: Canvas, traits: Traits, { x, y, size, gaze }: Place): void {
  if (traits.glasses === 'none') return;
  const apart = size * traits.breadth * 0.42;
  const level = y - size * 0.05;
  const pane: Color = [225, 240, 250];
  canvas.rectangle(x - apart, level - size * 0.03, x + apart, level + size * 0.03, black);
  for (const side of [-1, 1]) {
    const middle = x + side * apart;
    for (const [radius, color] of [
      [size * 0.24, black],
      [size * 0.2, pane],
    ] as const) {
      if (traits.glasses === 'round') canvas.ellipse(middle, level, radius, radius, color);
      else canvas.rectangle(middle - radius, level - radius * 0.8, middle + radius, level + radius * 0.8, color);
    }
    drawEye(canvas, traits, { x: middle, y: level, size: size * 0.9, gaze });
  }
}

function drawHat(canvas: Canvas, { hat, shirt, hair, breadth }: Traits, { x, y, size }: Place): void {
  const half = size * breadth;
  const brim = y - size * 0.55;
  if (hat === 'cap') {
    canvas.ellipse(x, brim, half * 1.05, size * 0.62, shirt, brim);
    canvas.rectangle(x - half * 1.05, brim, x + half * 1.7, brim + size * 0.12, black);
  }
  if (hat === 'top-hat') {
    canvas.rectangle(x - half * 0.8, brim - size * 0.95, x + half * 0.8, brim, black);
    canvas.rectangle(x - half * 0.8, brim - size * 0.2, x + half * 0.8, brim, shirt);
    canvas.rectangle(x - half * 1.35, brim, x + half * 1.35, brim + size * 0.1, black);
  }
  if (hat === 'bobble') {
    canvas.ellipse(x, brim, half * 1.08, size * 0.66, shirt, brim);
    canvas.rectangle(x - half * 1.1, brim - size * 0.1, x + half * 1.1, brim + size * 0.14, white);
    canvas.ellipse(x, brim - size * 0.68, size * 0.18, size * 0.18, hair);
  }
}
