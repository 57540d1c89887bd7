import pg from 'pg';
import { fill, type Filled } from '../fill.ts';
import type { Ground } from '../ground.ts';
import { explain, hotQueries } from '../hot-queries.ts';
import type { Started } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import { makeKey, startOurs } from '../service.ts';
import { quantile } from '../../ground/quantile.ts';

const few = 1000;

type Side = { filled: Filled; process: Started; headers: Record<string, string> };
type Page = { name: string; path: (side: Filled) => string };

const pages: Page[] = [
  { name: 'avatars', path: () => '/v1/avatars' },
  { name: 'avatars, the second page', path: () => '/v1/avatars?cursor=' },
  { name: 'avatars of a user', path: ({ userId }) => `/v1/avatars?user_id=${userId}` },
  { name: 'avatars of a status', path: () => '/v1/avatars?status=completed' },
  { name: 'avatars of a rare status', path: () => '/v1/avatars?status=error&limit=5' },
  { name: 'avatars of a type', path: () => '/v1/avatars?training_type=object' },
  { name: 'an avatar', path: ({ avatarId }) => `/v1/avatars/${avatarId}` },
  { name: 'photos of an avatar', path: ({ avatarId }) => `/v1/avatars/${avatarId}/photos` },
  { name: 'trainings', path: () => '/v1/trainings' },
  { name: 'trainings of an avatar', path: ({ avatarId }) => `/v1/avatars/${avatarId}/trainings` },
  { name: 'trainings of a rare status', path: () => '/v1/trainings?status=failed&limit=5' },
  { name: 'generations', path: () => '/v1/generations' },
  { name: 'generations of a user', path: ({ userId }) => `/v1/generations?user_id=${userId}` },
  { name: 'generations of a rare status', path: () => '/v1/generations?status=failed&limit=5' },
  { name: 'images', path: () => '/v1/images' },
  { name: 'images, the second page', path: () => '/v1/images?cursor=' },
  { name: 'images of a user', path: ({ userId }) => `/v1/images?user_id=${userId}` },
  { name: 'images of an avatar', path: ({ avatarId }) => `/v1/images?avatar_id=${avatarId}` },
  { name: 'images of a generation', path: ({ generationId }) => `/v1/images?generation_id=${generationId}` },
  { name: 'favourite images', path: () => '/v1/images?favorite=true&limit=10' },
  { name: 'flagged images', path: () => '/v1/images?status=flagged' },
  { name: 'events, the oldest', path: () => '/v1/events' },
  { name: 'events, the newest', path: ({ events }) => `/v1/events?after=${events - 100}` },
  { name: 'events of a user', path: ({ userId }) => `/v1/events?user_id=${userId}` },
  { name: 'events of a training', path: ({ trainingId }) => `/v1/events?training_id=${trainingId}` },
  { name: 'events of a rare type', path: () => '/v1/events?type=training.failed&limit=5' },
];

/** Pages with a thousand and with a million rows, and the plans of statements whose time must not grow. */
export async function measureGrowth({ ground, quick }: Bench): Promise<Section[]> {
  const many = quick ? 2000 : 1_000_000;
  const tries = quick ? 3 : 150;
  const [large, small] = await Promise.all([prepare(ground, 'large', many), prepare(ground, 'small', few)]);
  try {
    const rows: (string | number)[][] = [];
    const ratios: number[] = [];
    for (const page of pages) {
      const [fewMs, manyMs] = await alternate(page, [small.side, large.side], tries);
      ratios.push(manyMs / fewMs);
      rows.push([page.name, fewMs.toFixed(2), manyMs.toFixed(2), (manyMs / fewMs).toFixed(2)]);
    }
    const unplanned = await unintended(large.databaseUrl, large.side.filled);
    const count = hotQueries(large.side.filled).length;
    return [
      {
        title: 'Growth',
        targets: [
          {
            what: `The slowest of ${pages.length} pages at ${many.toLocaleString('en')}, to its time at ${few}`,
            measured: Math.max(...ratios),
            limit: 1.3,
            is: 'most',
            unit: '×',
          },
          {
            what: `Hot statements that do not use the index meant for them at ${many.toLocaleString('en')}`,
            measured: unplanned.length,
            limit: 0,
            is: 'most',
            unit: `of ${count}`,
          },
        ],
        text: [
          `Two databases, one with ${few} avatars, photos, images and events, one with ${many.toLocaleString('en')} of each, loaded by ` +
            `COPY with their users, trainings, generations, deliveries and drained webhooks in ${large.loadSeconds} s. Each page is asked for ${tries} ` +
            'times from both in turn, one request at a time; milliseconds are medians of whole requests.',
          ...(unplanned.length > 0 ? [`Other plans than intended: ${unplanned.join(', ')}.`] : []),
        ],
        tables: [{ head: ['page', `${few}, ms`, `${many.toLocaleString('en')}, ms`, 'ratio'], rows }],
        plot: { unit: '×', bars: pages.map(({ name }, index) => ({ name, value: ratios[index] ?? 0 })) },
      },
    ];
  } finally {
    await small.side.process.stop();
    await large.side.process.stop();
  }
}

async function prepare(
  ground: Ground,
  name: string,
  count: number,
): Promise<{ side: Side; databaseUrl: string; loadSeconds: number }> {
  const databaseUrl = await ground.database(name);
  const begun = performance.now();
  const filled = await fill(ground, databaseUrl, count);
  const loadSeconds = Math.round((performance.now() - begun) / 1000);
  const process = await startOurs(ground, { role: 'api', databaseUrl });
  const headers = { authorization: `Bearer ${await makeKey(databaseUrl)}` };
  return { side: { filled, process, headers }, databaseUrl, loadSeconds };
}

/** @returns the median milliseconds of a page on each side, requested alternately */
async function alternate(page: Page, sides: [Side, Side], tries: number): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  const urls = await Promise.all(sides.map((side) => urlOf(page, side)));
  const warm = Math.ceil(tries / 5);
  for (let count = -warm; count < tries; count += 1) {
    for (const [index, { headers }] of sides.entries()) {
      const begun = performance.now();
      const answer = await fetch(urls[index] ?? '', { headers });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${urls[index]} was answered ${answer.status}`);
      if (count >= 0) times[index]?.push(performance.now() - begun);
    }
  }
  return [quantile(times[0], 0.5), quantile(times[1], 0.5)];
}

async function urlOf({ path }: Page, { filled, process, headers }: Side): Promise<string> {
  const url = process.url + path(filled);
  if (!url.endsWith('cursor=')) return url;
  const first: unknown = await (await fetch(url.slice(0, -'?cursor='.length), { headers })).json();
  const { next_cursor } = first as { next_cursor: string };
  return url + encodeURIComponent(next_cursor);
}

/** @returns the hot statements whose plan lacks an intended index */
async function unintended(databaseUrl: string, filled: Filled): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const names: string[] = [];
    for (const query of hotQueries(filled)) {
      const plan = await explain(client, query);
      if (!query.uses.every((index) => plan.includes(index))) {
        names.push(query.name);
        process.stderr.write(`${query.name}:\n${plan}\n`);
      }
    }
    return names;
  } finally {
    await client.end();
  }
}
