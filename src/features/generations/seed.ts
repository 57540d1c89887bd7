import { randomInt } from 'node:crypto';

/** @returns a uint32: with a seed of ours in the input, fal's records tell one submission from another */
export function drawSeed(): number {
  return randomInt(2 ** 32);
}
