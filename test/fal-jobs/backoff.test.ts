import { t } from '../support/tap.ts';
import { lateGapMs, searchGapMs } from '../../src/fal-jobs/backoff.ts';
import { aTraining } from '../../lab/ground/training.ts';

const settings = { pollFirstMs: 15_000, pollMs: 60_000 };
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

/** How often one looks in `ms` milliseconds. */
function looks(gap: (age: number) => number, ms: number): number {
  let count = 0;
  for (let age = 0; age < ms; age += gap(age)) count += 1;
  return count;
}

t.test('fal’s records are searched less and less often, but within the hour', async (t) => {
  const training = aTraining({ submitted_at: new Date(0) });
  const gap = (age: number) => searchGapMs(training, settings, age);
  t.equal(gap(0), 15 * second);
  t.equal(gap(8 * 60 * second), 60 * second);
  t.equal(gap(7 * day), 1800 * second);
  t.ok(looks(gap, 600 * second) >= 15, 'often while most are settled');
  t.ok(looks(gap, 7 * day) < 400, 'some hundred times in a week instead of ten thousand');
});

t.test('a job that was given up is asked after so often that its result cannot come and go unseen', async (t) => {
  const training = aTraining({ status: 'failed', ended_at: new Date(0) });
  const gap = (age: number) => lateGapMs(training, settings, age);
  t.equal(gap(0), 60 * second);
  t.ok(gap(30 * day) < hour, 'fal keeps it for an hour at the least');
  t.ok(looks(gap, 30 * day) < 1000);
});
