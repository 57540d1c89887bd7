import type { Config } from '../config.ts';
import type { JobRow } from './kind.ts';

/* How long the clock waits between two looks that may go on for days: the longer, the longer nothing came of them. */

type Settings = Pick<Config['training'], 'pollFirstMs' | 'pollMs'>;

const longestSearchMs = 30 * 60_000;
/** fal keeps a result for an hour at the least (fal contract §1.5): the gap between two looks has to be shorter. */
const longestLateMs = 45 * 60_000;
const longestOutageGapMs = 5000;
const searchShare = 8;
const lateShare = 4;

/** @returns milliseconds until fal's records are searched again for a submission: an eighth of its age */
export function searchGapMs(training: JobRow, { pollFirstMs }: Settings, now: number): number {
  const age = now - (training.submitted_at ?? training.updated_at).getTime();
  return Math.max(pollFirstMs, Math.min(age / searchShare, longestSearchMs));
}

/** @returns milliseconds until fal is asked again about a job that was given up: a quarter of the time since its end */
export function lateGapMs(training: Pick<JobRow, 'ended_at'>, { pollMs }: Settings, now: number): number {
  const age = training.ended_at === null ? 0 : now - training.ended_at.getTime();
  return Math.max(pollMs, Math.min(age / lateShare, longestLateMs));
}

/** @returns milliseconds until fal is asked again that was out of reach: soon, for so long an outage goes on for us after its end */
export function outageGapMs(usualMs: number): number {
  return Math.min(usualMs, longestOutageGapMs);
}
