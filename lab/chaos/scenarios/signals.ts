import { eq } from 'drizzle-orm';
import pino from 'pino';
import { type App, buildApp } from '../../../src/app.ts';
import { makeConfig, readSettings } from '../../../src/config.ts';
import { avatars, trainings } from '../../../src/platform/db/schema.ts';
import { advanceTraining } from '../../../src/features/trainings/machine.ts';
import { startTraining } from '../../../src/features/trainings/start.ts';
import { openGround } from '../../ground/service.ts';
import { brokenRules, drawStep, essenceOf, noStory, type Story, tell } from '../orders.ts';
import type { Random } from '../../ground/random.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { inParallel } from '../../ground/parallel.ts';

type Size = { orders: number; inDatabase: number };

const longest = 30;

export const signals = defineExperiment<Size>({
  name: 'signals',
  shows: 'No order of signals leaves a terminal state, takes an illegal step or costs an avatar its artifacts.',
  sizes: {
    quick: { orders: 1000, inDatabase: 6 },
    plain: { orders: 100_000, inDatabase: 500 },
    full: { orders: 1_000_000, inDatabase: 5000 },
  },
  run,
});

async function run(stage: Stage, { orders, inDatabase }: Size): Promise<Findings> {
  const { random, report } = stage;
  const broken = new Map<string, number>();
  const note = (rule: string) => broken.set(rule, (broken.get(rule) ?? 0) + 1);
  const ends: Record<string, number> = {};
  let steps = 0;
  for (let index = 0; index < orders; index += 1) {
    const { story, length } = tellOne(random, note);
    steps += length;
    for (const { status } of story.trainings) ends[status] = (ends[status] ?? 0) + 1;
    // Other scenarios run in this process.
    if (index % 1000 === 999) await new Promise(setImmediate);
  }
  report(`${orders} orders in memory, ${inDatabase} through PostgreSQL`);
  const disagreements = await throughPostgres(stage, inDatabase);
  return {
    figures: {
      orders,
      steps,
      ends,
      broken_rules: Object.fromEntries(broken),
      orders_in_postgres: inDatabase,
      disagreements,
    },
    claims: {
      'no rule is broken': broken.size === 0,
      'PostgreSQL agrees with the story': disagreements.length === 0,
    },
  };
}

function tellOne(random: Random, note: (rule: string) => void): { story: Story; length: number } {
  const length = 5 + random.below(longest - 5);
  let story = noStory();
  for (let index = 0; index < length; index += 1) {
    const step = drawStep(random, story);
    const next = tell(story, step, new Date(1000 + index));
    for (const rule of brokenRules(story, step, next)) note(rule);
    story = next;
  }
  return { story, length };
}

/** Repeats the steps through the service's transactions, with real constraints, locks and projection. */
async function throughPostgres({ house, random }: Stage, count: number): Promise<string[]> {
  const ground = await openGround(house, { name: 'signals', speed: 1 });
  try {
    const config = makeConfig(readSettings({ ...ground.environment, PORT: '0' }));
    // No worker runs the jobs that the steps enqueue.
    const app = await buildApp(config, { role: 'api', log: pino({ level: 'silent' }) });
    try {
      await app.ready();
      const ids = await ground.avatars(count);
      const found = await inParallel(ids, 4, async (id, index) => compare(app, id, random.fork(`postgres/${index}`)));
      return found.flat();
    } finally {
      await app.close();
    }
  } finally {
    await ground.close();
  }
}

async function compare(app: App, avatarId: string, random: Random): Promise<string[]> {
  const length = 5 + random.below(longest - 5);
  await startTraining(app, avatarId, { steps: 10 });
  let story = await readStory(app, avatarId);
  for (let index = 0; index < length; index += 1) {
    const step = drawStep(random, story);
    if (step === 'again') await startTraining(app, avatarId, { steps: 10 });
    else await advanceTraining(app, story.trainings[step.attempt]?.id ?? '', step.signal);
    const told = tell(story, step, new Date());
    const real = await readStory(app, avatarId);
    const differs = essenceOf(told) !== essenceOf(real);
    const what = step === 'again' ? step : step.signal.kind;
    if (differs) return [`after ${what}: ${essenceOf(real)} instead of ${essenceOf(told)}`];
    const broken = brokenRules(story, step, real);
    if (broken.length > 0) return [`after ${what}: ${broken.join(', ')}`];
    story = real;
  }
  return [];
}

async function readStory({ db }: App, avatarId: string): Promise<Story> {
  const [avatar] = await db.select().from(avatars).where(eq(avatars.id, avatarId));
  const rows = await db.select().from(trainings).where(eq(trainings.avatar_id, avatarId)).orderBy(trainings.attempt);
  if (!avatar) throw new Error(`there is no avatar ${avatarId}`);
  return { avatar, trainings: rows };
}
