import { createHash } from 'node:crypto';

/** A seeded sequence of random numbers. */
export type Random = {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** In [low, high). */
  between(low: number, high: number): number;
  /** A member of a non-empty list. */
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** An independent sequence, so that draws of one part do not shift another's. */
  fork(label: string): Random;
};

/** Creates a sequence (mulberry32 over a hash of the seed). */
export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (below) => Math.floor(next() * below),
    between: (low, high) => low + next() * (high - low),
    pick: (list) => {
      const chosen = list[Math.floor(next() * list.length)];
      if (chosen === undefined) throw new Error('there is nothing to pick from');
      return chosen;
    },
    chance: (probability) => next() < probability,
    fork: (label) => createRandom(`${seed}/${label}`),
  };
}
