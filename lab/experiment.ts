import type { Random } from './ground/random.ts';
import type { House } from './ground/house.ts';

export type Scale = 'quick' | 'plain' | 'full';

/** What an experiment gets. */
export type Stage = {
  house: House;
  /** Depends on the seed of the run and the experiment's name alone. */
  random: Random;
  /** Tells how far it is, on standard error. */
  report(text: string): void;
  /** Ends something with the experiment, the last one first, also when it fails or takes too long. */
  teardown(end: () => unknown): void;
};

export type Figure = string | number | boolean | null | Figure[] | { [name: string]: Figure };

/** What an experiment found: figures to read, and each claim with whether it held. */
export type Findings = { figures: Record<string, Figure>; claims: Record<string, boolean> };

/** Something that a laboratory shows: run.ts plays it and writes down what it found. */
export type Experiment = {
  name: string;
  /** What it shows, in a sentence. */
  shows: string;
  /** After so many minutes it is stopped, and has shown nothing; null for no limit of its own. */
  minutes: number | null;
  /** @param isSplit whether two APIs and two workers do what fewer processes would do at this scale */
  run(stage: Stage, scale: Scale, isSplit: boolean): Promise<Findings>;
};

const two = { split: true, workers: 2, apis: 2 };

/**
 * Defines an experiment by what it does at each scale.
 * @param sizes `plain` is the full size where it is left out; a size says what processes are started, if a crew is
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
