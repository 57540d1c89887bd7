import { type Crew, type Ground, openGround, type Service, startAgain, startCrew } from '../../ground/service.ts';
import { defineExperiment, type Figure, type Findings, type Stage } from '../../experiment.ts';
import { hurried, judgeGenerations, readGenerations, startGenerations, untilGenerated } from '../generations.ts';
import {
  countAtSandbox,
  countByStatus,
  readTrainings,
  startTrainings,
  type TrainingRow,
  untilEnded,
} from '../trainings.ts';
import { quantile } from '../../ground/quantile.ts';
import { until } from '../../ground/until.ts';

type Size = Crew & {
  dropped: number;
  outage: number;
  searchOff: number;
  /** Trainings for one generation beside them. */
  perGeneration: number;
  /** Sandbox seconds per real second; the service's intervals are scaled alike. */
  speed: number;
  /** Too few for shares: only the maximum counts. */
  isFew: boolean;
  longestSteps: number;
};

const outageSeconds = 55 * 60;
const p95Limit = 60;
const maxLimit = 300;
const timeoutMs = 600_000;

export const noWebhooks = defineExperiment<Size>({
  name: 'no-webhooks',
  shows: 'Without a single webhook every training ends, truthfully and soon.',
  sizes: {
    quick: {
      dropped: 6,
      outage: 3,
      searchOff: 3,
      perGeneration: 2,
      speed: 10,
      isFew: true,
      split: false,
      longestSteps: 300,
    },
    plain: {
      dropped: 200,
      outage: 100,
      searchOff: 50,
      perGeneration: 4,
      speed: 10,
      isFew: false,
      split: true,
      longestSteps: 2000,
    },
    full: {
      dropped: 1000,
      outage: 1000,
      searchOff: 500,
      perGeneration: 2,
      speed: 2,
      isFew: false,
      split: true,
      longestSteps: 2000,
    },
  },
  run,
});

async function run(stage: Stage, size: Size): Promise<Findings> {
  const scaled = (seconds: number) => String(seconds / size.speed);
  const ground = await openGround(stage.house, {
    name: 'no_webhooks',
    speed: size.speed,
    // fal's shortest retention of results: an hour.
    sandbox: { concurrency: 100_000, queue_seconds: 1, decode_images: false, payload_storage: false },
    environment: {
      POLL_FIRST_SECONDS: scaled(15),
      POLL_SECONDS: scaled(60),
      CHECK_INTERVAL_SECONDS: scaled(1),
      FAL_START_TIMEOUT_SECONDS: '5',
      DEADLINE_SECONDS: size.isFew ? '20' : scaled(900),
      UNRESOLVED_MAX_SECONDS: size.isFew ? '3' : '30',
      FAL_TIMEOUT_SECONDS: '2',
      MAX_TRAININGS: '10000',
      ...hurried,
      GENERATION_UNRESOLVED_MAX_SECONDS: size.isFew ? '3' : '30',
    },
  });
  try {
    const crew = await startCrew(ground, size);
    const dropped = await allDropped(stage, ground, size);
    const outage = await serviceDown(stage, ground, size, crew);
    const searchOff = await withoutSearch(stage, ground, size);
    return {
      figures: { dropped: dropped.figures, outage: outage.figures, search_off: searchOff.figures },
      claims: { ...dropped.claims, ...outage.claims, ...searchOff.claims },
    };
  } finally {
    await ground.close();
  }
}

const none = { on: 'webhook', fault: 'none', times: 'always' };

async function allDropped({ random, report }: Stage, ground: Ground, size: Size): Promise<Findings> {
  const own = random.fork('dropped');
  report(`${size.dropped} trainings, every webhook dropped`);
  await ground.sandbox.faults.set([
    none,
    { on: 'job', fault: 'fail', probability: 0.05, times: 'always', seed: String(own.next()) },
    { on: 'job', fault: 'infrastructure_error', probability: 0.05, times: 'always', seed: String(own.next()) },
  ]);
  const generated = await generate(ground, size.dropped, size);
  await startTrainings(ground, await ground.avatars(size.dropped), {
    body: () => ({ steps: Math.round(own.between(100, size.longestSteps)) }),
  });
  await untilEnded(ground, { timeoutMs, report });
  await untilGenerated(ground, { timeoutMs, report });
  const beside = await judgeGenerations(ground, generated);
  const { jobs_: jobs, untruthful } = await countAtSandbox(ground);
  const endOf = new Map(jobs.map((job) => [job.request_id, Date.parse(job.ended_at?.wall ?? '')]));
  const delays = (await readTrainings(ground.pool)).map(
    ({ ended_at, fal_request_id: id }) =>
      ((Number(ended_at) - (endOf.get(id ?? '') ?? Number.NaN)) / 1000) * size.speed,
  );
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => Math.round(quantile(delays, share) * 10) / 10);
  const outcomes = await countByStatus(ground.pool);
  return {
    figures: {
      trainings: size.dropped,
      speed: size.speed,
      outcomes,
      untruthful,
      seconds_after_fal: { p50, p95, max } as Figure,
      ...beside.figures,
    },
    claims: {
      ...beside.claims,
      'without webhooks every end is what became of the job':
        untruthful.length === 0 && delays.every((each) => each >= -1),
      'without webhooks 95 % end within 60 s of fal': size.isFew || Number(p95) <= p95Limit,
      'without webhooks all end within 5 min of fal': Number(max) <= maxLimit,
    },
  };
}

/** Starts generations beside a number of trainings. @returns their ids */
async function generate(ground: Ground, trainings: number, { perGeneration }: Size): Promise<string[]> {
  return startGenerations(ground, await ground.trainedAvatars(Math.ceil(trainings / perGeneration)));
}

async function serviceDown({ random, report }: Stage, ground: Ground, size: Size, crew: Service[]): Promise<Findings> {
  const own = random.fork('outage');
  report(`${size.outage} trainings, and the service is down for 55 minutes`);
  await ground.sandbox.faults.set([none]);
  // Longer than the start of the trainings takes.
  await ground.sandbox.settings({ image_seconds: 60 * size.speed });
  const avatars = await ground.avatars(size.outage);
  const generated = await generate(ground, size.outage, size);
  const ids = await startTrainings(ground, avatars, { body: () => ({ steps: Math.round(own.between(2000, 9000)) }) });
  const areAtFal = async () =>
    [...(await rowsOf(ground, ids)), ...(await generationsOf(ground, generated))].every(({ accepted_at: at }) => at);
  await until('all to be at fal', areAtFal, { timeoutMs });
  const endedBefore = (await rowsOf(ground, ids)).filter(({ ended_at: at }) => at).length;
  await Promise.all(crew.map((worker) => worker.kill()));
  // Real minutes cannot be shortened, so the sandbox advances 55 minutes; afterwards both clocks run alike.
  await ground.sandbox.setSpeed(0);
  await ground.sandbox.advance(outageSeconds);
  await ground.sandbox.setSpeed(1);
  const back = performance.now();
  await Promise.all(crew.map((worker) => startAgain(ground, worker)));
  await untilEnded(ground, { timeoutMs, report });
  await untilGenerated(ground, { timeoutMs, report });
  await ground.sandbox.settings({ image_seconds: 4 });
  const recoverySeconds = Math.round((performance.now() - back) / 100) / 10;
  await ground.sandbox.setSpeed(size.speed);
  const rows = await rowsOf(ground, ids);
  const recovered = rows.filter(({ status }) => status === 'succeeded').length;
  const images = await generationsOf(ground, generated);
  const imagesRecovered = images.filter(({ status }) => status === 'succeeded').length;
  return {
    figures: {
      trainings: ids.length,
      ended_before: endedBefore,
      recovered,
      generations: images.length,
      generations_recovered: imagesRecovered,
      recovery_seconds: recoverySeconds,
    },
    claims: {
      'after 55 minutes without the service all are recovered':
        recovered === ids.length && imagesRecovered === images.length,
    },
  };
}

async function withoutSearch({ random, report }: Stage, ground: Ground, size: Size): Promise<Findings> {
  report(`${size.searchOff} trainings, with neither webhooks nor the request search`);
  await ground.sandbox.settings({ search: 'off' });
  const seed = String(random.fork('search').next());
  await ground.sandbox.faults.set([
    none,
    { on: 'submit', fault: 'reset_after', probability: 0.15, times: 'always', seed },
    { on: 'submit', fault: 'unavailable_before', probability: 0.15, times: 'always', seed: `${seed}b` },
  ]);
  const generated = await generate(ground, size.searchOff, size);
  const ids = await startTrainings(ground, await ground.avatars(size.searchOff), { body: { steps: 100 } });
  await untilEnded(ground, { timeoutMs, all: true, report });
  await untilGenerated(ground, { timeoutMs, all: true, report });
  const images = await generationsOf(ground, generated);
  const rows = await rowsOf(ground, ids);
  const unresolved = rows.filter(({ error }) => error?.code === 'submit-unresolved');
  const isTrue = [...rows, ...images].every(
    ({ status, charged, error }) =>
      status === 'succeeded' || (error?.code === 'submit-unresolved' && charged === 'unknown'),
  );
  const ended = rows.filter(({ ended_at: at }) => at).length;
  return {
    figures: { trainings: ids.length, ended, submit_unresolved: unresolved.length, generations: images.length },
    claims: {
      'with the search off as well every job ends':
        ended === ids.length && images.every(({ ended_at: at }) => at !== null),
      'what could not be found out is said to be unknown': isTrue,
    },
  };
}

async function generationsOf({ pool }: Ground, ids: readonly string[]) {
  return (await readGenerations(pool)).filter(({ id }) => ids.includes(id));
}

async function rowsOf({ pool }: Ground, ids: readonly string[]): Promise<TrainingRow[]> {
  const wanted = new Set(ids);
  return (await readTrainings(pool)).filter(({ id }) => wanted.has(id));
}
