import { createHash } from 'node:crypto';

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: string | number): () => number {
  let state = createHash('sha256').update(String(seed)).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A uint64 beyond JavaScript's numbers: above 2^63 and odd. */
export function wideSeed(text: string): bigint {
  const hash = createHash('sha256').update(text).digest().readBigUInt64LE(0);
  return BigInt.asUintN(64, hash | (1n << 63n) | 1n);
}

const animals = ['elephant', 'lion', 'koala', 'penguin', 'rabbit', 'monkey', 'zebra', 'tiger', 'panda', 'kangaroo'];

/** The animal in the path of a fal file URL. */
export function animalFor(text: string): string {
  const index = createHash('sha256').update(text).digest().readUInt8(0) % animals.length;
  return animals[index] ?? 'lion';
}
