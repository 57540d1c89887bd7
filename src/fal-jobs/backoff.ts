import type { JobRow, Timing } from './kind.ts';

/* Gaps between checks that may go on for days: they grow with the age of what is checked. */

type Settings = Pick<Timing, 'pollFirstMs' | 'pollMs'>;

const longestSearchMs = 30 * 60_000;
/** Below the hour for which fal keeps a result at least (fal contract §1.5). */
const longestLateMs = 45 * 60_000;
const longestOutageGapMs = 5000;
const searchShare = 8;
const lateShare = 4;

/** @returns milliseconds between searches of fal's records for a submission: an eighth of its age */
export function searchGapMs(
  row: Pick<JobRow, 'submitted_at' | 'updated_at'>,
  { pollFirstMs }: Settings,
  now: number,
): number {
  const age = now - (row.submitted_at ?? row.updated_at).getTime();
  return Math.max(pollFirstMs, Math.min(age / searchShare, longestSearchMs));
}

/** @returns milliseconds between polls of a job that failed: a quarter of the time since its end */
export function lateGapMs(row: Pick<JobRow, 'ended_at'>, { pollMs }: Settings, now: number): number {
  const age = row.ended_at === null ? 0 : now - row.ended_at.getTime();
  return Math.max(pollMs, Math.min(age / lateShare, longestLateMs));
}

/**
 * @returns milliseconds until the next call after fal was unreachable: short, since an outage lasts as much longer for
 * us
 */
export function outageGapMs(usualMs: number): number {
  return Math.min(usualMs, longestOutageGapMs);
}
