import { createFairLimiter } from '../../platform/async/limiter.ts';

/** Runs one of two tasks at a time that decode: 30 megapixels are 120 MB. */
export const decodeInTurn = createFairLimiter(2);
