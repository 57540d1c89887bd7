import type { Bar } from './plot.ts';
import type { Ground } from './ground.ts';
import type { Spread } from '../ground/quantile.ts';

/** A measurement and its limit. `spread` is the range over rounds, if there were several. */
export type Target = {
  what: string;
  measured: number;
  /** Null for a figure without a target. */
  limit: number | null;
  /** Whether the limit is a minimum or a maximum. */
  is: 'least' | 'most';
  unit: string;
  spread?: Spread;
};

export type Table = { head: string[]; rows: (string | number)[][] };

/** A part of the report. */
export type Section = {
  title: string;
  targets: Target[];
  /** Paragraphs: the method, and what the figures mean. */
  text: string[];
  tables?: Table[];
  plot?: { unit: string; bars: Bar[] };
};

/** `warmSeconds` limits the warm-up of one contender. */
export type Pace = { rounds: number; seconds: number; warmSeconds: number };

/** `quick` only shows that everything works. */
export type Bench = { ground: Ground; pace: Pace; quick: boolean };

export type Case = (bench: Bench) => Promise<Section[]>;

/** Whether a target was met; without a limit always. */
export function isMet({ measured, limit, is }: Target): boolean {
  if (limit === null) return true;
  return is === 'least' ? measured >= limit : measured <= limit;
}
