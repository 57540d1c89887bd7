import type { Random } from './ground/random.ts';
import type { House } from './ground/house.ts';

export type Scale = 'quick' | 'plain' | 'full';

export type Stage = {
  house: House;
  /** Seeded by the run's seed and the experiment's name. */
  random: Random;
  /** Reports progress on standard error. */
  report(text: string): void;
  /** Runs `end` after the experiment, in reverse order, also after a failure or timeout. */
  teardown(end: () => unknown): void;
};

export type Figure = string | number | boolean | null | Figure[] | { [name: string]: Figure };

/** Figures, and for each claim whether it held. */
export type Findings = { figures: Record<string, Figure>; claims: Record<string, boolean> };

export type Experiment = {
  name: string;
  /** In a sentence. */
  shows: string;
  /** Time limit, after which the experiment fails; null for none. */
  minutes: number | null;
  /** @param isSplit whether two APIs and two workers replace fewer processes */
  run(stage: Stage, scale: Scale, isSplit: boolean): Promise<Findings>;
};

const two = { split: true, workers: 2, apis: 2 };

/**
 * Defines an experiment by its size at each scale; the size also chooses the processes of its crew.
 * @param sizes `plain` defaults to the full size
 */
export function defineExperiment<S>({
  name,
  shows,
  minutes = null,
  sizes,
  run,
}: {
  name: string;
  shows: string;
  minutes?: number | null;
  sizes: { quick: S; plain?: S; full: S };
  run: (stage: Stage, size: S) => Promise<Findings>;
}): Experiment {
  const sizeOf = (scale: Scale) => sizes[scale] ?? sizes.full;
  return {
    name,
    shows,
    minutes,
    run: (stage, scale, isSplit) => run(stage, { ...sizeOf(scale), ...(isSplit && two) }),
  };
}
