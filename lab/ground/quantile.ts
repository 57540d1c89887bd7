/** Medians and ranges of a few rounds: one disturbed round would distort a mean. */

export type Spread = { median: number; low: number; high: number };

/** Interpolates linearly, like PostgreSQL's percentile_cont. @param share from 0 to 1 @returns 0 without values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: Math.min(...values), high: Math.max(...values) };
}
