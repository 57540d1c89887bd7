import type { Bar } from './plot.ts';
import type { Ground } from './ground.ts';
import type { Spread } from '../ground/quantile.ts';

/** What a measurement is held to. `spread` is the range over the rounds, where there were rounds. */
export type Target = {
  what: string;
  measured: number;
  /** Null for what is told and held to nothing. */
  limit: number | null;
  /** Whether the limit is the least or the most. */
  is: 'least' | 'most';
  unit: string;
  spread?: Spread;
};

export type Table = { head: string[]; rows: (string | number)[][] };

/** A part of the report: what a case has found. */
export type Section = {
  title: string;
  targets: Target[];
  /** Paragraphs: how it was measured, and what the figures say. */
  text: string[];
  tables?: Table[];
  plot?: { unit: string; bars: Bar[] };
};

/** `warmSeconds` is the most that is spent on warming one contender up. */
export type Pace = { rounds: number; seconds: number; warmSeconds: number };

/** How thorough a run is; `quick` is for seeing that all works. */
export type Bench = { ground: Ground; pace: Pace; quick: boolean };

/** Measures something. */
export type Case = (bench: Bench) => Promise<Section[]>;

/** @returns whether a target was met, as one without a limit always is */
export function isMet({ measured, limit, is }: Target): boolean {
  if (limit === null) return true;
  return is === 'least' ? measured >= limit : measured <= limit;
}
