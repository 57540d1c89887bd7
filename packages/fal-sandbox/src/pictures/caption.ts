import type { Picture, PictureLora } from '../job.ts';
import type { Color } from './canvas.ts';

export interface CaptionLine {
  words: string;
  color: Color;
}

const plain: Color = [235, 235, 235];
const good: Color = [110, 220, 120];
const bad: Color = [255, 60, 60];
const longestPrompt = 80;

/** Describes how a picture was made: LoRA and trigger first, the beginning of the prompt last. */
export function captionOf({ prompt, seed, index, width, height, steps, guidance, loras }: Picture): CaptionLine[] {
  const named = loras.map(({ sha256, scale }) => `LORA ${sha256.slice(0, 8)} SCALE ${scale}`);
  return [
    ...(loras.length === 0 ? [{ words: 'NO LORA', color: bad }] : loras.map((lora) => triggerLine(lora, prompt))),
    ...named.map((words) => ({ words, color: plain })),
    { words: `SEED ${seed} IMAGE ${index + 1}`, color: plain },
    { words: `${width}X${height} STEPS ${steps} GUIDANCE ${guidance}`, color: plain },
    { words: Array.from(prompt.replaceAll(/\s+/g, ' ')).slice(0, longestPrompt).join(''), color: plain },
  ];
}

function triggerLine({ own, trigger }: PictureLora, prompt: string): CaptionLine {
  if (!own) return { words: 'FOREIGN LORA', color: plain };
  if (trigger === null) return { words: 'LORA WITHOUT TRIGGER', color: plain };
  return holdsPhrase(prompt, trigger)
    ? { words: `TRIGGER ${trigger}`, color: good }
    : { words: `TRIGGER MISSING: ${trigger}`, color: bad };
}

/** Whether a text contains a phrase as whole words, ignoring case: TOK is not in "stoked". */
export function holdsPhrase(text: string, phrase: string): boolean {
  const wanted = phrase.toLowerCase();
  const within = text.toLowerCase();
  const isLetter = (character: string | undefined): boolean => /[\p{L}\p{N}]/u.test(character ?? '');
  for (let at = within.indexOf(wanted); at !== -1 && wanted !== ''; at = within.indexOf(wanted, at + 1)) {
    if (!isLetter(within[at - 1]) && !isLetter(within[at + wanted.length])) return true;
  }
  return false;
}

/** Wraps words to lines of `columns` characters, between words where possible. */
export function wrap(words: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = Array.from(words);
  while (rest.length > columns) {
    const gap = rest.slice(0, columns + 1).lastIndexOf(' ');
    const end = gap > columns / 2 ? gap : columns;
    lines.push(rest.slice(0, end).join(''));
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end);
  }
  return [...lines, rest.join('')];
}
