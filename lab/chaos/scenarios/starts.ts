import { type Crew, type Ground, openGround, type Service, startAgain, startCrew } from '../../ground/service.ts';
import type { Random } from '../../ground/random.ts';
import type { FaultRule, Sandbox } from '../../ground/sandbox.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { countGenerations, hurried, judgeGenerations, startGenerations, untilGenerated } from '../generations.ts';
import { countAtSandbox, countByStatus, readTrainings, startTrainings, untilEnded } from '../trainings.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../ground/parallel.ts';
import { until } from '../../ground/until.ts';

type Size = Crew & {
  /** Trainings, and generations beside them. */
  starts: number;
  generations: number;
  /** POSTs that are cut off without a job, which only an operator can settle. */
  lost: number;
  /** Workers killed, each at the next step. */
  kills: number;
  /** Settings that limit the search for an unknown submission, in seconds. */
  startTimeout: number;
  deadline: number;
  /** Seconds until the submission of a generation is given up. */
  unresolved: number;
  drainMs: number;
  /** The share that may need an operator; null when there are too few for a share. */
  attentionLimit: number | null;
};

export const starts = defineExperiment<Size>({
  name: 'starts',
  shows:
    'At most one job is made at fal per training and generation, none is lost, and next to none waits for a person.',
  sizes: {
    quick: {
      starts: 16,
      generations: 8,
      lost: 1,
      workers: 1,
      kills: 1,
      startTimeout: 2,
      deadline: 4,
      unresolved: 15,
      drainMs: 75_000,
      attentionLimit: null,
      split: false,
    },
    plain: {
      starts: 500,
      generations: 500,
      lost: 5,
      workers: 2,
      kills: 8,
      startTimeout: 10,
      deadline: 40,
      unresolved: 60,
      drainMs: 240_000,
      attentionLimit: 0.01,
      split: true,
    },
    full: {
      starts: 5000,
      generations: 5000,
      lost: 50,
      workers: 2,
      kills: 60,
      startTimeout: 20,
      deadline: 100,
      unresolved: 120,
      drainMs: 2_400_000,
      attentionLimit: 0.01,
      split: true,
    },
  },
  run,
});

async function run(stage: Stage, size: Size): Promise<Findings> {
  const { house, random, report } = stage;
  const ground = await openGround(house, {
    name: 'starts',
    speed: 30,
    sandbox: { concurrency: 100_000, queue_seconds: 1, decode_images: false },
    environment: {
      FAL_TIMEOUT_SECONDS: '1.5',
      FAL_START_TIMEOUT_SECONDS: String(size.startTimeout),
      DEADLINE_SECONDS: String(size.deadline),
      POLL_FIRST_SECONDS: '0.5',
      POLL_SECONDS: '2',
      CHECK_INTERVAL_SECONDS: '0.1',
      BLOCKED_RETRY_SECONDS: '0.3',
      MAX_TRAININGS: '100',
      ...hurried,
      GENERATION_START_TIMEOUT_SECONDS: String(size.startTimeout),
      GENERATION_UNRESOLVED_MAX_SECONDS: String(size.unresolved),
    },
  });
  const trouble = startTrouble(ground.sandbox, random.fork('faults'), size.lost);
  try {
    const crew = await startCrew(ground, size);
    const avatars = await ground.avatars(size.starts);
    const trained = await ground.trainedAvatars(size.generations);
    report(`${size.starts} trainings and ${size.generations} generations`);
    const [kills, generated] = await Promise.all([
      killWorkers(ground, crew, size.kills, random.fork('kills')),
      startGenerations(ground, trained),
      startTrainings(ground, avatars),
    ]);
    await until(
      'every job to have been let in once',
      async () =>
        ((await countByStatus(ground.pool))['queued'] ?? 0) + ((await countGenerations(ground.pool))['queued'] ?? 0) ===
        0,
      { timeoutMs: size.drainMs, everyMs: 200 },
    );
    const struck = await trouble.stop();
    report('the faults are over');
    await untilEnded(ground, { timeoutMs: size.drainMs, report });
    await untilGenerated(ground, { timeoutMs: size.drainMs, all: true, report });
    const [judged, beside] = [await judge(ground, size, { kills, struck }), await judgeGenerations(ground, generated)];
    return {
      figures: { ...judged.figures, ...beside.figures },
      claims: { ...judged.claims, ...beside.claims },
    };
  } finally {
    await trouble.stop().catch(() => undefined);
    await ground.close();
  }
}

type Happened = { kills: Record<string, number>; struck: Record<string, number> };

async function judge(ground: Ground, size: Size, { kills, struck }: Happened): Promise<Findings> {
  const waiting = (await readTrainings(ground.pool)).filter(({ status }) => status === 'submitting');
  const archives = await ground.sandbox.byArchive();
  const settleable = waiting.filter(({ archive_url: url }) => (archives[url ?? '']?.jobs ?? 0) > 0);
  // The operator finds no such request at fal and says so; the training is submitted again.
  await inParallel(waiting, 2, async ({ id }) => ground.command(['trainings', 'resolve', id, '--not-submitted']));
  await untilEnded(ground, { timeoutMs: size.drainMs, all: true });
  const count = await countAtSandbox(ground);
  const share = waiting.length / size.starts;
  const outcomes = await countByStatus(ground.pool);
  return {
    figures: {
      starts: size.starts,
      posts: count.posts,
      jobs: count.jobs,
      kills,
      faults: struck,
      archives_sent_twice: count.sentTwice,
      trainings_with_two_jobs: count.withTwoJobs,
      jobs_unknown_to_us: count.jobsUnknown,
      needed_attention: waiting.length,
      needed_attention_though_settleable: settleable.length,
      outcomes,
      untruthful: count.untruthful,
    },
    claims: {
      'no archive is sent twice': count.sentTwice === 0,
      'no training has two jobs': count.withTwoJobs === 0,
      'no job is unknown to us': count.jobsUnknown === 0,
      'at most 1 % need attention': size.attentionLimit === null || share <= size.attentionLimit,
      'none needs attention that a webhook or the search could have settled': settleable.length === 0,
      'every end is what became of the job': count.untruthful.length === 0,
      'every training ends': Object.values(outcomes).reduce((sum, each) => sum + each, 0) === size.starts,
    },
  };
}

// The steps at which a worker is killed, in turn.
const steps = ['preparing', 'submitting', 'in_queue', 'in_progress', 'verifying'];

/** Kills a worker whenever a job reaches the next step, and starts a replacement. */
async function killWorkers(
  ground: Ground,
  crew: Service[],
  kills: number,
  random: Random,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < kills; index += 1) {
    await delay(random.between(500, 3000));
    const step = steps[index % steps.length] ?? 'preparing';
    const victim = random.below(crew.length);
    const isThere = async () =>
      ((await countByStatus(ground.pool))[step] ?? 0) + ((await countGenerations(ground.pool))[step] ?? 0) > 0;
    const reached = await until(`a job that is ${step}`, isThere, { timeoutMs: 5000, everyMs: 5 }).catch(() => false);
    const dying = crew[victim];
    if (!dying) continue;
    await dying.kill();
    const name = reached ? step : 'none';
    counts[name] = (counts[name] ?? 0) + 1;
    crew[victim] = await startAgain(ground, dying);
  }
  return counts;
}

// Faults with their share of requests, outside the bad spells.
const usual: readonly FaultRule[] = (
  [
    ['submit', 'unavailable_after', 0.03],
    ['submit', 'reset_after', 0.03],
    ['submit', 'cut_body', 0.03],
    ['submit', 'timeout', 0.01],
    ['submit', 'slow', 0.02, { seconds: 20 }],
    ['submit', 'server_error', 0.01],
    ['job', 'fail', 0.02],
    ['job', 'infrastructure_error', 0.01],
    ['job', 'server_retry', 0.03],
    ['job', 'nsfw', 0.03],
    ['job', 'black', 0.03, { images: [0] }],
    ['job', 'fewer_images', 0.03],
    ['job', 'not_an_image', 0.03, { images: [1] }],
    ['job', 'lora_unreadable', 0.01],
    ['webhook', 'none', 0.1],
    ['webhook', 'duplicate', 0.1],
    ['webhook', 'delayed', 0.05],
    ['webhook', 'out_of_order', 0.05, { seconds: 60 }],
    ['webhook', 'before_submit_answer', 0.05],
    ['webhook', 'payload_error', 0.05],
    ['webhook', 'wrong_key', 0.05, { attempts: 1 }],
    ['webhook', 'stale_timestamp', 0.05, { attempts: 1 }],
    ['webhook', 'changed_gateway_request_id', 0.05],
    ['status', 'unavailable', 0.05],
    ['status', 'reset', 0.03],
    ['status', 'cut_body', 0.03],
    ['result', 'unavailable', 0.05],
    ['result', 'reset', 0.03],
    ['file', 'cut', 0.05],
    ['file', 'unavailable', 0.05],
    ['upload', 'unavailable', 0.02],
    ['upload', 'put_unavailable', 0.02],
    ['search', 'unavailable', 0.2],
    ['jwks', 'unavailable', 0.2],
  ] as const
).map(([on, fault, probability, more = {}]) => ({ on, fault, probability, times: 'always', ...more }));

const spells = ['locked', 'unauthorized', 'rate_limited'];
const lostBy = ['unavailable_before', 'reset_before', 'timeout'];

/** Injects faults, with spells in which fal accepts nothing, until it is stopped. */
function startTrouble(sandbox: Sandbox, random: Random, lost: number) {
  const stopping = new AbortController();
  const struck: Record<string, number> = {};
  let lostLeft = lost;

  async function change(rules: () => readonly FaultRule[]): Promise<void> {
    for (const { on, fault, struck: times, job } of await sandbox.faults.list()) {
      const isLost = on === 'submit' && (job === false || fault.endsWith('_before'));
      if (isLost) lostLeft -= times;
      const name = isLost ? `${on}:${fault} (no job)` : `${on}:${fault}`;
      if (times > 0) struck[name] = (struck[name] ?? 0) + times;
    }
    await sandbox.faults.set(rules());
  }

  function seeded(): FaultRule[] {
    return usual.map((rule) => ({ ...rule, seed: String(random.next()) }));
  }

  function losing(): FaultRule[] {
    if (lostLeft <= 0) return [];
    return [{ on: 'submit', fault: random.pick(lostBy), times: 1, skip: random.below(5), job: false }];
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await change(() => [...losing(), ...seeded()]);
      await delay(random.between(800, 2500), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted || !random.chance(0.3)) continue;
      await change(() => [{ on: 'submit', fault: random.pick(spells), times: 'always' }, ...seeded()]);
      await delay(random.between(300, 1500), undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await change(() => []);
  }

  const running = loop();
  return {
    /** Ends all faults. @returns how often each struck */
    async stop() {
      stopping.abort();
      await running;
      return struck;
    },
  };
}
