import { createBalancer } from '../balancer.ts';
import { type Crew, type Ground, openGround, type Service, startAgain, startCrew } from '../../ground/service.ts';
import type { Random } from '../../ground/random.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { countGenerations, hurried, judgeGenerations, startGenerations, untilGenerated } from '../generations.ts';
import { countAtSandbox, countByStatus, readTrainings, startTrainings, untilEnded } from '../trainings.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../ground/parallel.ts';
import { until } from '../../ground/until.ts';

type Size = Crew & {
  /** Graceful stops under load, one at a time, of each process in turn. */
  stops: number;
  trainings: number;
  generations: number;
  roundMs: number;
};

const resumeLimitMs = 30_000;
/** How long another worker may take to start; on a busy machine the excess is not counted. */
const replacementMs = 5_000;
const timeoutMs = 180_000;

export const stops = defineExperiment<Size>({
  name: 'stops',
  shows: 'The work of a killed worker is resumed within 30 s, and a stop under load costs no request and no job.',
  sizes: {
    quick: { stops: 1, trainings: 10, generations: 4, roundMs: 500, split: false },
    plain: { stops: 8, trainings: 200, generations: 50, roundMs: 2000, split: true },
    full: { stops: 60, trainings: 1000, generations: 500, roundMs: 3000, split: true },
  },
  run,
});

async function run(stage: Stage, size: Size): Promise<Findings> {
  const [killed, stopped] = size.split
    ? [await killedInTheMiddle(stage, size), await stoppedUnderLoad(stage, size)]
    : await Promise.all([killedInTheMiddle(stage, size), stoppedUnderLoad(stage, size)]);
  return {
    figures: { kill: killed.figures, stop: stopped.figures },
    claims: { ...killed.claims, ...stopped.claims },
  };
}

const settings = {
  FAL_TIMEOUT_SECONDS: '5',
  POLL_FIRST_SECONDS: '0.5',
  POLL_SECONDS: '1',
  CHECK_INTERVAL_SECONDS: '0.1',
  MAX_TRAININGS: '1000',
  ...hurried,
};

function named(when: string, claims: Findings['claims']): Findings['claims'] {
  return Object.fromEntries(Object.entries(claims).map(([claim, holds]) => [`${when}: ${claim}`, holds]));
}

/** Work of the killed worker, and a sign that another has taken it over. */
type Work = { name: string; id: string; mark: string };

async function killedInTheMiddle({ house, report }: Stage, size: Size): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'killed',
    speed: 1,
    sandbox: { concurrency: 100_000, queue_seconds: 0, decode_images: false, image_seconds: 0.5, lora_seconds: 0 },
    environment: settings,
  });
  try {
    // With one worker, everything in progress is its own.
    const [worker] = await startCrew(ground, { ...size, workers: 1 });
    if (!worker) throw new Error('no worker was started');
    const generated = await occupy(ground);
    const work = await heldWork(ground);
    await worker.kill();
    const killedAt = performance.now();
    ground.sandbox.thaw();
    await ground.sandbox.faults.clear();
    report(`killed with ${work.map(({ name }) => name).join(', ')} in hands`);
    await startAgain(ground, worker);
    const replacedAfterMs = Math.round(performance.now() - killedAt);
    const resumedAfter = await inParallel(work, work.length, async (one) => {
      await until(`${one.name} to be resumed`, async () => (await markOf(ground, one)) !== one.mark, { timeoutMs });
      return [one.name, Math.round(performance.now() - killedAt)] as const;
    });
    await ground.sandbox.setSpeed(1000);
    await untilEnded(ground, { timeoutMs, all: true, report });
    await untilGenerated(ground, { timeoutMs, all: true, report });
    const beside = await judgeGenerations(ground, generated);
    const count = await countAtSandbox(ground);
    const slowest = Math.max(...resumedAfter.map(([, ms]) => ms));
    return {
      figures: {
        pieces_of_work: work.length,
        kinds: [...new Set(work.map(({ name }) => name))],
        replaced_after_ms: replacedAfterMs,
        slowest_resumed_after_ms: slowest,
        resumed_after_ms: resumedAfter.map(([name, ms]) => `${name}: ${ms}`),
        archives_sent_twice: count.sentTwice,
        trainings_with_two_jobs: count.withTwoJobs,
        outcomes: await countByStatus(ground.pool),
        ...beside.figures,
      },
      claims: {
        'the work of a killed worker is resumed within 30 s':
          slowest - Math.max(0, replacedAfterMs - replacementMs) <= resumeLimitMs,
        'a killed worker doubles nothing': count.sentTwice === 0 && count.withTwoJobs === 0,
        'every training of a killed worker ends well': count.untruthful.length === 0 && count.jobsUnknown === 0,
        ...named('after a kill', beside.claims),
      },
    };
  } finally {
    await ground.close();
  }
}

/**
 * Brings the one worker into the middle of everything: polls, an unanswered POST, an upload, downloads of weights and images.
 * @returns the generations
 */
async function occupy(ground: Ground): Promise<string[]> {
  const { sandbox } = ground;
  const is = async (status: string, count: number) => ((await countByStatus(ground.pool))[status] ?? 0) >= count;
  await startTrainings(ground, await ground.avatars(3), { body: { steps: 10_000 } });
  await until('three to run at fal', () => is('in_progress', 3), { timeoutMs });
  await sandbox.faults.set([{ on: 'file', fault: 'slow', seconds: 3600, times: 'always' }]);
  const [first] = await readTrainings(ground.pool);
  await sandbox.complete(first?.fal_request_id ?? '');
  await until('one to be verified', () => is('verifying', 1), { timeoutMs });
  const generated = await startGenerations(ground, await ground.trainedAvatars(1));
  await until('images to be fetched', async () => (await countGenerations(ground.pool))['verifying'] === 1, {
    timeoutMs,
  });
  await sandbox.faults.add([{ on: 'submit', fault: 'timeout', times: 1 }]);
  await startTrainings(ground, await ground.avatars(1), { body: { steps: 10 } });
  await until(
    'a POST without an answer',
    async () => (await sandbox.submissions()).some(({ outcome }) => outcome === 'timeout'),
    { timeoutMs },
  );
  // From here on calls to fal hang.
  sandbox.freeze();
  await startTrainings(ground, await ground.avatars(2), { body: { steps: 10 } });
  await until('two to be prepared', () => is('preparing', 2), { timeoutMs });
  await until('a poll to hang', async () => (await heldWork(ground)).some(({ name }) => name === 'poll'), {
    timeoutMs,
    everyMs: 10,
  });
  return generated;
}

const heldJobs = `select name, id::text, started_on::text as mark from pgboss.job where state = 'active'`;
// A running check has postponed the next one by more than the poll interval.
const heldLooks = `select 'poll' as name, id::text, checks::text as mark from trainings
  where status in ('in_queue', 'in_progress') and next_check_at > now() + interval '3 seconds'`;

async function heldWork({ pool }: Ground): Promise<Work[]> {
  const jobs = await pool.query<Work>(heldJobs);
  const looks = await pool.query<Work>(heldLooks);
  return [...jobs.rows, ...looks.rows];
}

async function markOf({ pool }: Ground, { name, id }: Work): Promise<string | undefined> {
  const text =
    name === 'poll'
      ? 'select checks::text as mark from trainings where id::text = $1'
      : `select started_on::text as mark from pgboss.job where id::text = $1 and state = 'active'`;
  const { rows } = await pool.query<{ mark: string }>(text, [id]);
  return rows[0]?.mark;
}

async function stoppedUnderLoad({ house, random, report }: Stage, size: Size): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'stopped',
    speed: 60,
    sandbox: { concurrency: 100_000, queue_seconds: 1, decode_images: false },
    environment: settings,
  });
  try {
    const roles = size.split ? (['api', 'api', 'worker', 'worker'] as const) : (['all', 'all'] as const);
    const crew = await Promise.all(roles.map((role) => ground.start(role)));
    const avatars = await ground.avatars(size.trainings);
    const trained = await ground.trainedAvatars(size.generations);
    const apis = crew.filter(({ name }) => name !== 'worker');
    const load = startLoad(ground, apis, avatars, random.fork('load'));
    // One after the other, so that there are some at each stop.
    const generating = startGenerations(ground, trained, { parallel: 1 });
    const codes: (number | string)[] = [];
    let slowestStopMs = 0;
    for (let index = 0; index < size.stops; index += 1) {
      await delay(random.between(0.5, 1) * size.roundMs);
      const place = index % crew.length;
      const leaving = crew[place];
      if (!leaving) continue;
      const toldAt = performance.now();
      codes.push(await leaving.stop());
      slowestStopMs = Math.max(slowestStopMs, Math.round(performance.now() - toldAt));
      crew[place] = await startAgain(ground, leaving);
    }
    const { requests, failures, shed } = await load.finish();
    report(`${requests} requests over ${codes.length} stops`);
    const generated = await generating;
    await untilEnded(ground, { timeoutMs, all: true, report });
    await untilGenerated(ground, { timeoutMs, all: true, report });
    const beside = await judgeGenerations(ground, generated);
    const count = await countAtSandbox(ground);
    const outcomes = await countByStatus(ground.pool);
    const isAllWell = (outcomes['succeeded'] ?? 0) === size.trainings;
    return {
      figures: {
        stops: codes.length,
        slowest_stop_ms: slowestStopMs,
        exit_codes: [...new Set(codes)],
        requests,
        failed_requests: Object.values(failures).reduce((sum, each) => sum + each, 0),
        failures,
        shed_under_load: shed,
        outcomes,
        ...beside.figures,
      },
      claims: {
        'a stop under load fails no request': Object.keys(failures).length === 0,
        'a stop under load loses no job': isAllWell && count.jobsUnknown === 0 && count.jobs === size.trainings,
        ...named('after stops', beside.claims),
        'whoever is told to stop ends with 0': codes.every((code) => code === 0),
      },
    };
  } finally {
    await ground.close();
  }
}

const lanes = 8;

/** Reads and starts trainings through a balancer until stopped; every avatar is started at least once. */
function startLoad({ key }: Ground, apis: readonly Service[], avatars: readonly string[], random: Random) {
  const balancer = createBalancer(
    apis.map(({ url }) => url),
    key,
  );
  const waiting = [...avatars];
  const failures: Record<string, number> = {};
  let requests = 0;
  let shed = 0;
  let isOver = false;

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    expected: readonly number[],
    json?: unknown,
  ): Promise<boolean> {
    requests += 1;
    const status = await balancer.send({ method, path, ...(json !== undefined && { json }) });
    if (typeof status === 'number' && expected.includes(status)) return true;
    // An overloaded service says so, also without a stop; the client retries.
    if (status === 'overloaded') shed += 1;
    if (status === 'overloaded') return false;
    const what = `${method} ${path.replace(/[0-9a-f-]{36}/, '…')}: ${status}`;
    failures[what] = (failures[what] ?? 0) + 1;
    return false;
  }

  // A failed request is repeated; the training may have been started nevertheless.
  async function begin(avatar: string): Promise<void> {
    const path = `/v1/avatars/${avatar}/trainings`;
    for (let expected = [202]; !(await ask('POST', path, expected, { steps: 10 })); expected = [202, 409])
      await delay(100);
  }

  async function lane(): Promise<void> {
    while (!isOver || waiting.length > 0) {
      const avatar = isOver || random.chance(0.2) ? waiting.shift() : undefined;
      if (avatar === undefined) {
        const path = random.pick(['/v1/trainings?limit=5', `/v1/avatars/${random.pick(avatars)}`, '/v1/trainers']);
        await ask('GET', path, [200]);
        await delay(random.between(10, 50));
      } else {
        await begin(avatar);
      }
    }
  }

  const running = Promise.all(Array.from({ length: lanes }, lane));
  return {
    async finish() {
      isOver = true;
      await running;
      await balancer.close();
      return { requests, failures, shed };
    },
  };
}
