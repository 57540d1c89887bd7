import type { House } from './ground.ts';
import type { Random } from '../ground/random.ts';

export type ScaleName = 'quick' | 'plain' | 'full';

/** What a scenario gets. */
export type Stage = {
  house: House;
  random: Random;
  /** Tells whoever watches how far it is. */
  report(text: string): void;
};

export type Figure = string | number | boolean | null | Figure[] | { [name: string]: Figure };

/** What a scenario found: figures to read, and each promise with whether it was kept. */
export type Findings = { figures: Record<string, Figure>; promises: Record<string, boolean> };

export type Scenario = {
  name: string;
  /** What is promised, in a sentence. */
  promise: string;
  /** @param isSplit whether two APIs and two workers do what fewer processes would do at this scale */
  run(stage: Stage, scale: ScaleName, isSplit: boolean): Promise<Findings>;
};

const two = { split: true, workers: 2, apis: 2 };

/** Defines a scenario by what it does at each scale; the size says what processes it starts, if it starts a crew. */
export function defineScenario<S>(scenario: {
  name: string;
  promise: string;
  sizes: Record<ScaleName, S>;
  run: (stage: Stage, size: S) => Promise<Findings>;
}): Scenario {
  const { name, promise, sizes, run } = scenario;
  return { name, promise, run: (stage, scale, isSplit) => run(stage, { ...sizes[scale], ...(isSplit && two) }) };
}
