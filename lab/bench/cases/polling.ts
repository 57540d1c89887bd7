import { setTimeout as delay } from 'node:timers/promises';
import { cpuOf, residentBytes } from '../processes.ts';
import { insertRunning } from '../running.ts';
import type { Bench, Section } from '../section.ts';
import { startOurs } from '../service.ts';
import { startStandIn } from '../stand-in.ts';

const trainings = 1000;
const falTakesMs = 50;
const bucketMs = 1000;

/**
 * A thousand trainings at fal, followed by one worker, all due at once as after an outage: counts the polls and whether
 * they spread.
 */
export async function measurePolling({ ground, quick }: Bench): Promise<Section[]> {
  const pollSeconds = quick ? 2 : 15;
  const standIn = await startStandIn('IN_PROGRESS', falTakesMs);
  const databaseUrl = await ground.database('polling');
  const environment = { FAL_BASE_URL: standIn.url, POLL_FIRST_SECONDS: '1', POLL_SECONDS: String(pollSeconds) };
  const worker = await startOurs(ground, { role: 'worker', databaseUrl, environment });
  try {
    const idle = residentBytes(worker.pid) ?? 0;
    await insertRunning(ground, databaseUrl, trainings, 0);
    const [begun, cpu] = [performance.now(), cpuOf(worker.pid) ?? 0];
    // The first round is immediate, the next two are spread.
    const seconds = pollSeconds * 2.5;
    await delay(seconds * 1000);
    const buckets = bucketsOf(standIn.polls, begun, seconds);
    const late = buckets.slice(pollSeconds + 1);
    const grown = (residentBytes(worker.pid) ?? 0) - idle;
    const busy = ((cpuOf(worker.pid) ?? 0) - cpu) / seconds;
    const even = trainings / pollSeconds;
    return [
      {
        title: 'A thousand trainings on one worker',
        targets: [
          {
            what: 'Questions to fal that are open at once',
            measured: standIn.mostOpen(),
            limit: 20,
            is: 'most',
            unit: '',
          },
          {
            what: 'The busiest second of polling, to an even spread, once spread',
            measured: Math.max(...late) / even,
            limit: 2,
            is: 'most',
            unit: '×',
          },
        ],
        text: [
          `${trainings} trainings that all came due at once, asked after every ${pollSeconds} s (POLL_SECONDS; usually 60), for ` +
            `${seconds} s; fal took ${falTakesMs} ms for each answer. ${standIn.polls.length} questions were asked: ` +
            `${buckets[0]} in the first second, and then ${Math.min(...late)} to ${Math.max(...late)} in a second; an even ` +
            `spread would be ${Math.round(even)}. The worker used ${Math.round(busy * 100)} % of a core, and its memory grew ` +
            `from ${Math.round(idle / 1e6)} MB by ${Math.round(grown / 1e6)} MB.`,
        ],
      },
    ];
  } finally {
    await worker.stop();
    await standIn.close();
  }
}

function bucketsOf(times: number[], begun: number, seconds: number): number[] {
  const buckets = Array.from({ length: Math.floor((seconds * 1000) / bucketMs) }, () => 0);
  for (const time of times) {
    const index = Math.floor((time - begun) / bucketMs);
    if (index >= 0 && index < buckets.length) buckets[index] = (buckets[index] ?? 0) + 1;
  }
  return buckets;
}
