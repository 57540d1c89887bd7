import { join } from 'node:path';
import type { Role } from '../../../src/app.ts';
import { checkOutEarlier, type Earlier } from '../earlier.ts';
import { openGround } from '../../ground/service.ts';
import { defineExperiment, type Figure, type Findings, type Stage } from '../../experiment.ts';
import { countGenerations, hurried, judgeGenerations, startGenerations, untilGenerated } from '../generations.ts';
import { countAtSandbox, countByStatus, startTrainings, untilEnded } from '../trainings.ts';

type Size = { trainings: number; generations: number };

const timeoutMs = 180_000;
const pairs: readonly { name: string; earlier: Role; later: Role }[] = [
  { name: 'earlier_api', earlier: 'api', later: 'worker' },
  { name: 'earlier_worker', earlier: 'worker', later: 'api' },
];

/**
 * An upgrade in the order of docs/operations.md: processes of the previous commit run, this one migrates their
 * database, and its processes join them.
 */
export const upgrade = defineExperiment<Size>({
  name: 'upgrade',
  shows: 'The API of the commit before works beside the new worker, and the reverse: no job is lost or paid twice.',
  sizes: {
    quick: { trainings: 4, generations: 3 },
    plain: { trainings: 100, generations: 50 },
    full: { trainings: 1000, generations: 500 },
  },
  run,
});

async function run(stage: Stage, size: Size): Promise<Findings> {
  const earlier = await checkOutEarlier(join(stage.house.folder, 'earlier'));
  if (!earlier) {
    const skipped = 'there is no commit before this one: it needs git and a clone with its history';
    stage.report(skipped);
    return { figures: { skipped }, claims: {} };
  }
  const figures: Record<string, Figure> = { earlier: earlier.commit };
  const claims: Record<string, boolean> = {};
  for (const pair of pairs) {
    const found = await trainTogether(stage, size, earlier, pair);
    figures[pair.name] = found.figures;
    for (const [claim, holds] of Object.entries(found.claims)) {
      claims[`${claim}, with the ${pair.earlier} of the commit before`] = holds;
    }
  }
  return { figures, claims };
}

async function trainTogether(
  { house, report }: Stage,
  { trainings, generations }: Size,
  { command }: Earlier,
  { name, earlier, later }: (typeof pairs)[number],
): Promise<Findings> {
  const ground = await openGround(house, {
    name,
    speed: 60,
    sandbox: { concurrency: 100_000, queue_seconds: 1, decode_images: false },
    environment: {
      POLL_FIRST_SECONDS: '0.5',
      POLL_SECONDS: '1',
      CHECK_INTERVAL_SECONDS: '0.2',
      MAX_TRAININGS: '1000',
      ...hurried,
    },
    earlier: { command, role: earlier },
  });
  try {
    await ground.start(later);
    const started = await startTrainings(ground, await ground.avatars(trainings));
    const generated = await startGenerations(ground, await ground.trainedAvatars(generations));
    await untilEnded(ground, { timeoutMs, all: true, report });
    await untilGenerated(ground, { timeoutMs, all: true, report });
    const beside = await judgeGenerations(ground, generated);
    const made = (await countGenerations(ground.pool))['succeeded'];
    const count = await countAtSandbox(ground);
    const outcomes = await countByStatus(ground.pool);
    return {
      figures: { trainings: started.length, jobs: count.jobs, posts: count.posts, outcomes, ...beside.figures },
      claims: {
        ...beside.claims,
        'every generation succeeds': made === generations,
        'every training succeeds': outcomes['succeeded'] === trainings && count.untruthful.length === 0,
        'none is lost': count.jobsUnknown === 0 && count.jobs === trainings,
        'none is paid twice': count.withTwoJobs === 0 && count.sentTwice === 0,
      },
    };
  } finally {
    await ground.close();
  }
}
