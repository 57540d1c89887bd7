import { silentProxy, type SilentProxy } from '../../ground/silent-proxy.ts';
import { account, startS3 } from '../../ground/s3-stub.ts';
import { arrangeAvatars, arrangePhotos, arrangeTrained } from '../../ground/arrange.ts';
import { type Ground, openGround } from '../../ground/service.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { hurried, judgeGenerations, readGenerations, startGenerations, untilGenerated } from '../generations.ts';
import { countAtSandbox, readTrainings, startTrainings, type TrainingRow, untilEnded } from '../trainings.ts';
import type { Scope } from '../../ground/scope.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../ground/until.ts';

const sides = ['database', 'store', 'fal'] as const;
type Side = (typeof sides)[number];
const steps = ['queued', 'preparing', 'submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded'];

type Size = {
  /** Silences per side and step; below 1, of a part of the combinations in turn. */
  rounds: number;
  silenceMs: number;
  /** Milliseconds that a training may take after the silence, two seconds of which are fal's. */
  limitMs: number;
};

const timeoutMs = 180_000;
const speed = 10;

export const silence = defineExperiment<Size>({
  name: 'silence',
  shows: 'When PostgreSQL, the object store or fal falls silent and speaks again, all goes on within seconds.',
  sizes: {
    quick: { rounds: 1 / sides.length, silenceMs: 2500, limitMs: 60_000 },
    plain: { rounds: 1, silenceMs: 4000, limitMs: 20_000 },
    full: { rounds: 10, silenceMs: 8000, limitMs: 20_000 },
  },
  run,
});

type Silenced = { side: Side; step: string; row: TrainingRow; afterMs: number };

async function run(stage: Stage, size: Size): Promise<Findings> {
  const { house, random, report } = stage;
  const ground = await openGround(house, {
    name: 'silence',
    speed,
    sandbox: { concurrency: 100_000, queue_seconds: 10, decode_images: false },
    environment: {
      DATABASE_TIMEOUT_SECONDS: '1',
      STORAGE_TIMEOUT_SECONDS: '1',
      FAL_TIMEOUT_SECONDS: '1',
      POLL_FIRST_SECONDS: '0.5',
      POLL_SECONDS: '1',
      FAL_START_TIMEOUT_SECONDS: '300',
      // Longer than the silence and the searches that fail in it, also on a busy machine.
      UNRESOLVED_MAX_SECONDS: '15',
      ...hurried,
      GENERATION_UNRESOLVED_MAX_SECONDS: '15',
    },
  });
  stage.teardown(() => ground.close());
  const { avatars, trained, proxies, environment, storageUrl } = await putProxies(stage, ground, size);
  const service = await ground.start('all', { environment });
  const silenced: Silenced[] = [];
  const generated: string[] = [];
  const cases = casesOf(size);
  for (const [index, { side, step }] of cases.entries()) {
    report(`${index + 1} of ${cases.length}: ${side} falls silent at ${step}`);
    generated.push(...(await startGenerations(ground, trained.slice(index, index + 1))));
    silenced.push(await fallSilent(ground, { side, step, proxy: proxies[side], avatar: avatars[index] ?? '' }, size));
    await delay(random.between(0, 200));
  }
  await untilEnded(ground, { timeoutMs, all: true, report });
  await untilGenerated(ground, { timeoutMs, all: true, report });
  const beside = await judgeGenerations(ground, generated, storageUrl);
  const count = await countAtSandbox(ground);
  // The POST of such a training was lost: it is not repeated, and fal's records show that nothing ran.
  const trainings = await readTrainings(ground.pool);
  const lost = trainings.filter(({ error }) => error?.code === 'submit-unresolved');
  const went = silenced.filter(({ row }) => !lost.some(({ id }) => id === row.id));
  const slowest = Math.max(...went.map(({ afterMs }) => afterMs));
  return {
    figures: {
      silences: silenced.length,
      at: Object.fromEntries(steps.map((at) => [at, silenced.filter(({ row }) => row.status === at).length])),
      slowest_end_after_ms: Math.round(slowest),
      by_side: Object.fromEntries(
        sides.map((side) => [
          side,
          Math.round(Math.max(0, ...went.filter((one) => one.side === side).map(({ afterMs }) => afterMs))),
        ]),
      ),
      posts_swallowed: lost.length,
      archives_sent_twice: count.sentTwice,
      trainings_with_two_jobs: count.withTwoJobs,
      ...beside.figures,
    },
    claims: {
      ...beside.claims,
      'after a silence each training ends within seconds': slowest <= size.limitMs,
      'a silence doubles nothing': count.sentTwice === 0 && count.withTwoJobs === 0,
      'after a silence every end is what became of the job': count.untruthful.length === 0 && count.jobsUnknown === 0,
      'only a POST that was swallowed costs a job': [...trainings, ...(await readGenerations(ground.pool))].every(
        ({ status, error, charged }) =>
          status === 'succeeded' || (error?.code === 'submit-unresolved' && charged === 'unknown'),
      ),
      'no process ends for a silence': service.isAlive(),
    },
  };
}

function casesOf({ rounds }: Size): { side: Side; step: string }[] {
  const once = steps.slice(0, -1).flatMap((step, index) => {
    const own = rounds < 1 ? [sides[index % sides.length] ?? 'fal'] : sides;
    return own.map((side) => ({ side, step }));
  });
  return Array.from({ length: Math.max(1, rounds) }, () => once).flat();
}

async function putProxies(scope: Scope, ground: Ground, size: Size) {
  const s3 = await startS3(scope);
  const [database, store, fal] = await Promise.all([
    silentProxy(scope, ground.environment['DATABASE_URL'] ?? ''),
    silentProxy(scope, s3.endpoint),
    silentProxy(scope, ground.sandbox.url),
  ]);
  const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = account;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  const storageUrl = `s3://chaos/silence?endpoint=${s3.endpoint}&region=eu`;
  const photos = await arrangePhotos(storageUrl);
  const avatars = await arrangeAvatars(ground.pool, photos, 2 * casesOf(size).length);
  const trained = avatars.splice(casesOf(size).length);
  await arrangeTrained(ground.pool, storageUrl, trained);
  return {
    avatars,
    trained,
    storageUrl,
    proxies: { database, store, fal } satisfies Record<Side, SilentProxy>,
    environment: {
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
      DATABASE_URL: database.url,
      STORAGE_URL: `s3://chaos/silence?endpoint=${store.url}&region=eu`,
      FAL_BASE_URL: fal.url,
    },
  };
}

async function fallSilent(
  ground: Ground,
  { side, step, proxy, avatar }: { side: Side; step: string; proxy: SilentProxy; avatar: string },
  { silenceMs, limitMs }: Size,
): Promise<Silenced> {
  const [id] = await startTrainings(ground, [avatar], { body: { steps: 100 } });
  const row = await until(
    `a training to be ${step}`,
    async () => {
      const found = (await readTrainings(ground.pool)).find((one) => one.id === id);
      // A short step that has passed is silenced at the next.
      const at = found ? steps.indexOf(found.status) : -1;
      return found && (at === -1 || at >= steps.indexOf(step)) ? found : null;
    },
    { timeoutMs, everyMs: 5 },
  );
  proxy.silence();
  await delay(silenceMs);
  proxy.speak();
  const began = performance.now();
  const ended = () => readTrainings(ground.pool).then((rows) => rows.find((one) => one.id === id)?.ended_at);
  await until('the training to end', ended, { timeoutMs: Math.max(timeoutMs, limitMs), everyMs: 50 });
  return { side, step, row, afterMs: performance.now() - began };
}
