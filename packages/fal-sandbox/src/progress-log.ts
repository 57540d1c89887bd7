import type { LogLine } from './job.ts';
import { seededRandom } from './random.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One line of a tqdm progress bar: `  3%|▎         | 75/2500 [00:12<06:31,  6.19it/s, loss=0.412]`. */
function progressLine(step: number, steps: number, rate: number, postfix = ''): string {
  const share = step / steps;
  const percent = String(Math.floor(share * 100)).padStart(3);
  const full = Math.floor(share * 10);
  const bar = `${'█'.repeat(full)}${eighths[Math.floor(share * 80) % 8]}`.padEnd(10);
  const times = `${interval(step / rate)}<${interval((steps - step) / rate)}`;
  return `${percent}%|${bar.slice(0, 10)}| ${step}/${steps} [${times}, ${rate.toFixed(2).padStart(5)}it/s${postfix}]`;
}

/** tqdm's `mm:ss`, or `h:mm:ss` from an hour on. */
function interval(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** About a hundred progress lines, the first after `offset` seconds; losses and rates are deterministic by seed. */
export function trainingLines(options: { steps: number; rate: number; offset: number; seed: string }): LogLine[] {
  const random = seededRandom(options.seed);
  const every = Math.max(1, Math.ceil(options.steps / 100));
  const lines: LogLine[] = [];
  for (let step = every; step < options.steps + every; step += every) {
    const reached = Math.min(step, options.steps);
    const loss = 0.24 + 0.22 * Math.exp((-4 * reached) / options.steps) + (random() - 0.5) * 0.06;
    const rate = options.rate * (0.99 + random() * 0.02);
    const message = progressLine(reached, options.steps, rate, `, loss=${loss.toFixed(3)}`);
    lines.push({ at: options.offset + reached / options.rate, message, level: 'STDERR' });
  }
  return lines;
}

/** A progress line for each step of making images, the first of them after `offset` seconds. */
export function denoisingLines(options: { steps: number; rate: number; offset: number }): LogLine[] {
  const { steps, rate, offset } = options;
  return Array.from({ length: steps }, (_, index): LogLine => {
    const step = index + 1;
    return { at: offset + step / rate, message: progressLine(step, steps, rate), level: 'STDERR' };
  });
}
