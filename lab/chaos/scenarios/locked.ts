import { type Crew, type Ground, openGround, startCrew } from '../../ground/service.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import {
  generations,
  hurried,
  judgeGenerations,
  readGenerations,
  startGenerations,
  untilGenerated,
} from '../generations.ts';
import { countAtSandbox, countByStatus, readTrainings, startTrainings, untilEnded } from '../trainings.ts';
import { ownerOf } from '../paid-jobs.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../ground/until.ts';

type Size = Crew & { trainings: number; generations: number; lockAfter: number; lockedMs: number };

const timeoutMs = 180_000;
/** Concurrent trainings, whose order at fal relative to the lock is random. */
const sideBySide = 10;
const retryMs = 500;
const pauseLimitMs = 1000;

export const locked = defineExperiment<Size>({
  name: 'locked',
  shows: 'While fal is locked none fails for it, and after it each is made exactly once, in order.',
  sizes: {
    quick: { trainings: 12, generations: 6, lockAfter: 4, lockedMs: 1000, split: false },
    plain: { trainings: 200, generations: 50, lockAfter: 60, lockedMs: 10_000, split: true },
    full: { trainings: 200, generations: 200, lockAfter: 60, lockedMs: 60_000, split: true },
  },
  run,
});

async function run({ house, report }: Stage, size: Size): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'locked',
    speed: 60,
    sandbox: { concurrency: 100_000, queue_seconds: 1, decode_images: false },
    environment: {
      POLL_FIRST_SECONDS: '0.25',
      POLL_SECONDS: '1',
      CHECK_INTERVAL_SECONDS: '0.05',
      BLOCKED_RETRY_SECONDS: String(retryMs / 1000),
      MAX_TRAININGS: String(sideBySide),
      ...hurried,
      MAX_GENERATIONS: String(sideBySide),
    },
  });
  try {
    await startCrew(ground, size);
    // The lock applies from exactly this POST, whatever the machine's speed.
    await ground.sandbox.faults.set([{ on: 'submit', fault: 'locked', times: 'always', skip: size.lockAfter }]);
    const [avatars, trained] = [await ground.avatars(size.trainings), await ground.trainedAvatars(size.generations)];
    const [ids, generated] = await Promise.all([
      startTrainings(ground, avatars, { parallel: 1 }),
      startGenerations(ground, trained, { parallel: 1 }),
    ]);
    await until('fal to be locked', async () => (await triesAt(ground)) > 0, { timeoutMs, everyMs: 10 });
    const [inBefore, lockedAt] = [(await ground.sandbox.jobs()).length, performance.now()];
    report(`locked after ${inBefore} of ${size.trainings + size.generations}`);
    const toldAfterMs = await untilAllAreTold(ground, lockedAt);
    await delay(size.lockedMs);
    const tries = await triesAt(ground);
    const postsAfterPause = await countAfterPause(ground);
    const whileLocked = await countByStatus(ground.pool);
    await ground.sandbox.faults.clear();
    const unlockedAt = performance.now();
    await untilEnded(ground, { timeoutMs, all: true, report });
    await untilGenerated(ground, { timeoutMs, all: true, report });
    const drainSeconds = Math.round((performance.now() - unlockedAt) / 100) / 10;
    return await judge(
      ground,
      { ids, generated },
      { inBefore, tries, postsAfterPause, toldAfterMs, whileLocked, drainSeconds },
    );
  } finally {
    await ground.close();
  }
}

type Happened = {
  inBefore: number;
  tries: number;
  postsAfterPause: { posts: number; probes: number };
  toldAfterMs: number;
  whileLocked: Record<string, number>;
  drainSeconds: number;
};

type Started = { ids: readonly string[]; generated: readonly string[] };

async function judge(ground: Ground, { ids, generated }: Started, happened: Happened): Promise<Findings> {
  const beside = await judgeGenerations(ground, generated);
  const count = await countAtSandbox(ground);
  const trainings = await readTrainings(ground.pool);
  const failed = trainings.filter(({ status }) => status !== 'succeeded').length;
  const ahead = await furthestAhead(ground, ids);
  const onceEach = count.jobs === ids.length && count.withTwoJobs === 0 && count.jobsUnknown === 0;
  const made = (await readGenerations(ground.pool)).filter(({ status }) => status === 'succeeded').length;
  return {
    figures: {
      ...beside.figures,
      trainings: ids.length,
      let_in_before: happened.inBefore,
      tries_while_locked: happened.tries,
      posts_after_a_second: happened.postsAfterPause.posts,
      of_these_probes_at_most: happened.postsAfterPause.probes,
      all_told_after_ms: happened.toldAfterMs,
      while_locked: happened.whileLocked,
      seconds_to_drain: happened.drainSeconds,
      failed,
      jobs: count.jobs,
      furthest_ahead_of_its_turn: ahead,
    },
    claims: {
      'submissions pause within a second': happened.postsAfterPause.posts <= happened.postsAfterPause.probes,
      ...beside.claims,
      'none fails for it': failed === 0 && made === generated.length && (happened.whileLocked['failed'] ?? 0) === 0,
      'each is made exactly once': onceEach && happened.inBefore < ids.length + generated.length,
      'they are made in order': ahead < sideBySide,
    },
  };
}

/** The number of POSTs that were refused by the lock. */
async function triesAt({ sandbox }: Ground): Promise<number> {
  return (await sandbox.submissions()).filter(({ outcome }) => outcome === 'locked').length;
}

/** POSTs later than a second after the lock, and how many of them probing explains. */
async function countAfterPause({ sandbox }: Ground): Promise<Happened['postsAfterPause']> {
  const times = (await sandbox.submissions())
    .filter(({ outcome }) => outcome === 'locked')
    .map(({ at }) => Date.parse(at));
  const from = Math.min(...times) + pauseLimitMs;
  return {
    posts: times.filter((time) => time > from).length,
    probes: Math.ceil(Math.max(0, Date.now() - from) / retryMs) + 1,
  };
}

/** Waits until every job that is not at fal has a reason. @returns milliseconds since the lock */
async function untilAllAreTold({ pool }: Ground, lockedAt: number): Promise<number> {
  await until(
    'all to be told why they wait',
    async () => {
      const { rowCount } = await pool.query(
        `select from (select status, blocked_reason from trainings union all select status, blocked_reason from generations) as jobs
         where status in ('preparing', 'submitting')
           or status = 'queued' and blocked_reason is distinct from 'provider-balance-exhausted'`,
      );
      return rowCount === 0;
    },
    { timeoutMs, everyMs: 10 },
  );
  return Math.round(performance.now() - lockedAt);
}

/** The maximum number of places by which a training overtook one that was started earlier. */
async function furthestAhead(ground: Ground, ids: readonly string[]): Promise<number> {
  const secret = await ground.secret();
  const places = new Map(ids.map((id, place) => [id, place]));
  const taken = (await ground.sandbox.submissions()).filter(
    ({ request_id: id, endpoint }) => id !== null && !generations.isMadeBy(endpoint),
  );
  const order = taken.map(({ webhook_url: url }) => places.get(ownerOf(secret, url)) ?? 0);
  return order.reduce((most, place, index) => Math.max(most, place - index), 0);
}
