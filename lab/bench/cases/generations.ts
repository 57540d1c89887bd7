import { setTimeout as delay } from 'node:timers/promises';
import { type Ground as Field, openGround, startCrew } from '../../ground/service.ts';
import { inParallel } from '../../ground/parallel.ts';
import { quantile } from '../../ground/quantile.ts';
import { until } from '../../ground/until.ts';
import type { Bench, Section } from '../section.ts';

const timeoutMs = 300_000;
const limit = 1.3;
const places = 10;
// Minutes, so that what is measured is the queue, and not the drawing of pictures on the same processors.
const image_seconds = 36_000;

/** Whether trainings and generations wait for each other: each kind alone, and beside many of the other. */
export async function measureGenerations(bench: Bench): Promise<Section[]> {
  const trainings = await trainingsBeside(bench);
  const images = await imagesBeside(bench);
  return [
    {
      title: 'Trainings and images beside each other',
      targets: [
        {
          what: `Trainings under ${trainings.queued} queued generations, p95 until fal has them, to that without`,
          measured: trainings.beside / trainings.alone,
          limit,
          is: 'most',
          unit: '×',
        },
        {
          what: 'An image with FAL_CONCURRENCY=2 and three trainings asked for, to one alone',
          measured: images.beside / images.alone,
          limit,
          is: 'most',
          unit: '×',
        },
        { what: 'Trainings at fal meanwhile', measured: images.atFal, limit: 1, is: 'most', unit: '' },
      ],
      text: [
        `${trainings.count} trainings, one after another, with ${places} places at fal, first alone and then while eight ` +
          `generations run and ${trainings.left} wait: from the request to the ` +
          `answer of fal, p95 ${ms(trainings.alone)} alone and ${ms(trainings.beside)} beside them.`,
        `${images.count} images, one after another, with two places at fal, first alone and then while one of three trainings ` +
          `runs and two wait: from the request to the stored picture, median ${ms(images.alone)} alone and ` +
          `${ms(images.beside)} beside them. The sandbox takes its time alike in both.`,
      ],
    },
  ];
}

const ms = (value: number) => `${Math.round(value)} ms`;

async function trainingsBeside({ ground, quick }: Bench) {
  const [count, queued] = quick ? [5, 50] : [40, 1000];
  const field = await openGround(ground.house, {
    name: 'beside',
    speed: 60,
    sandbox: { concurrency: places, queue_seconds: 0, decode_images: false, image_seconds, lora_seconds: 0 },
    environment: { FAL_CONCURRENCY: String(places), MAX_QUEUED_GENERATIONS: '5000' },
  });
  try {
    await startCrew(field, { split: false });
    // The first ones load what later ones use.
    await acceptedAfter(field, 2);
    const alone = await acceptedAfter(field, count);
    const avatars = await field.trainedAvatars(queued);
    await inParallel(avatars, 4, (avatar) => ask(field, `/v1/avatars/${avatar}/generations`, imageOf(avatar)));
    const beside = await acceptedAfter(field, count);
    const { rows } = await field.pool.query<{ left: number }>(
      `select count(*)::int as left from generations where status = 'queued'`,
    );
    return { count, queued, left: rows[0]?.left ?? 0, alone: quantile(alone, 0.95), beside: quantile(beside, 0.95) };
  } finally {
    await field.close();
  }
}

async function imagesBeside({ ground, quick }: Bench) {
  const count = quick ? 3 : 15;
  const field = await openGround(ground.house, {
    name: 'two_places',
    speed: 10,
    sandbox: { concurrency: 2, queue_seconds: 0, decode_images: false, lora_seconds: 0 },
    environment: { FAL_CONCURRENCY: '2' },
  });
  try {
    await startCrew(field, { split: false });
    const [avatar = ''] = await field.trainedAvatars(1);
    await storedAfter(field, avatar, 1);
    const alone = await storedAfter(field, avatar, count);
    for (const other of await field.avatars(3)) await ask(field, `/v1/avatars/${other}/trainings`, { steps: 10_000 });
    const atFal = async () => {
      const { rowCount } = await field.pool.query(
        `select from trainings where adopted_at is null and accepted_at is not null and ended_at is null`,
      );
      return rowCount ?? 0;
    };
    await until('a training to run', async () => (await atFal()) > 0, { timeoutMs });
    const beside = await storedAfter(field, avatar, count);
    return { count, atFal: await atFal(), alone: quantile(alone, 0.5), beside: quantile(beside, 0.5) };
  } finally {
    await field.close();
  }
}

const imageOf = (name: string) => ({ prompt: `scene ${name}`, width: 256, height: 256 });

async function ask({ client }: Field, path: string, json: object): Promise<string> {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { status, body } = await client.insist('POST', path, json, headers);
  if (status !== 202) throw new Error(`POST ${path} was answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}

/** @returns the milliseconds from the request of each training until fal has it */
async function acceptedAfter(field: Field, count: number): Promise<number[]> {
  const times: number[] = [];
  for (const avatar of await field.avatars(count)) {
    const id = await ask(field, `/v1/avatars/${avatar}/trainings`, { steps: 10 });
    times.push(await between(field, 'trainings', 'accepted_at', id));
    await delay(50);
  }
  return times;
}

/** @returns the milliseconds from the request of each image until it is stored */
async function storedAfter(field: Field, avatar: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = await ask(field, `/v1/avatars/${avatar}/generations`, imageOf(`${avatar} ${index}`));
    times.push(await between(field, 'generations', 'ended_at', id));
  }
  return times;
}

async function between({ pool }: Field, table: string, column: string, id: string): Promise<number> {
  const text = `select extract(epoch from ${column} - created_at)::float8 * 1000 as ms from ${table} where id = $1`;
  return until(
    `${table} ${id} to have ${column}`,
    async () => (await pool.query<{ ms: number | null }>(text, [id])).rows[0]?.ms,
    { timeoutMs, everyMs: 50 },
  );
}
