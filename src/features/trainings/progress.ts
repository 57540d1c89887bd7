import type { LogLine } from '../../platform/db/schema.ts';

/** Progress parsed from a log; null where the log has no value. */
export type Progress = {
  step: number | null;
  total_steps: number | null;
  loss: number | null;
  eta_seconds: number | null;
};

// A progress bar of tqdm: `  3%|▎ | 75/2500 [00:12<06:31,  6.19it/s, loss=0.412]`. Every repetition is bounded, so that
// matching stays linear.
const bar = /(?<!\d)(\d{1,20})\/(\d{1,20})\s{0,20}\[[\d:?]{1,20}<([\d:]{1,20}|\?)/;
const maxInteger = 2_147_483_647;
const lossPattern = /\bloss\s{0,5}[=:]\s{0,5}([\d.]{1,30}(?:e[+-]?\d{1,5})?)/i;

/** The newest progress in a training's log; each poll brings the whole log (fal contract §1.3). */
export function readProgress(logs: readonly Pick<LogLine, 'message'>[]): Progress {
  const progress: Progress = { step: null, total_steps: null, loss: null, eta_seconds: null };
  for (let index = logs.length - 1; index >= 0; index -= 1) {
    const message = logs[index]?.message ?? '';
    const match = bar.exec(message);
    if (!match) continue;
    progress.step = storable(Number(match[1]));
    progress.total_steps = storable(Number(match[2]));
    progress.eta_seconds = match[3] === '?' ? null : storable(seconds(match[3] ?? ''));
    const loss = Number(lossPattern.exec(message)?.[1]);
    progress.loss = Number.isFinite(loss) ? loss : null;
    break;
  }
  return progress;
}

/** 0 to 99; 100 needs verified artifacts. */
export function percentOf({ step, total_steps }: Pick<Progress, 'step' | 'total_steps'>): number {
  if (step === null || !total_steps) return 0;
  return Math.max(0, Math.min(99, Math.floor((step / total_steps) * 100)));
}

// A log may contain numbers that the columns cannot hold; they are ignored.
function storable(value: number): number | null {
  return Number.isSafeInteger(value) && value <= maxInteger ? value : null;
}

function seconds(clock: string): number {
  return clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
