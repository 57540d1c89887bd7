import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Db } from '../../src/platform/db/client.ts';
import { events } from '../../src/platform/db/schema.ts';
import { type NewEvent, publish } from '../../src/features/events/publish.ts';
import { transact, type Unit } from '../../src/platform/db/transact.ts';
import { openStream, type StreamClient } from './event-stream.ts';
import { until } from './until.ts';

type Filter = { user_id?: string; type?: NewEvent['type'] };
/** Instances of the service over one database. */
export type Fleet = {
  urls: string[];
  /** That may read all events. */
  key: string;
  /** What events are written by, four writers in turn. */
  units: readonly [Unit, ...Unit[]];
};
type Story = Pick<Fleet, 'urls' | 'key'> & {
  /** The number of broken connections after which it is over. */
  wanted: number;
  reconnects: number;
  written: number;
  isOver: boolean;
};

/** The result, with a fault for each reader that did not see exactly the events in order. */
export type Broken = { connections: number; events: number; readers: number; frames: number; faults: string[] };

const writers = 4;
const people = [randomUUID(), randomUUID(), randomUUID()] as const;
const filters: Filter[] = [
  {},
  { user_id: people[0] },
  { type: 'user.updated' },
  { user_id: people[1], type: 'user.created' },
];

type Options = {
  /** The number of broken connections after which it is over. */
  wanted: number;
  readers: number;
  /** Limit in seconds; default 60. */
  seconds?: number;
  report?: (broken: number) => void;
};

/**
 * Lets readers, each with a filter, lose their streams at random moments and come back to any of the instances,
 * while four writers commit out of order.
 */
export async function breakConnections(
  { urls, key, units }: Fleet,
  { wanted, readers, seconds = 60, report }: Options,
): Promise<Broken> {
  const [{ db }] = units;
  const story: Story = { urls, key, wanted, reconnects: 0, written: 0, isOver: false };
  const deadline = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    report?.(story.reconnects);
    if (performance.now() > deadline) story.isOver = true;
  }, 5000);
  const writing = Promise.all(
    Array.from({ length: writers }, (_, index) => write(units[index % units.length] ?? units[0], story)),
  );
  const written = writing.then(() => numbered(db));
  try {
    const seen = await Promise.all(
      Array.from({ length: readers }, async (_, index) => {
        const filter = filters[index % filters.length] ?? {};
        const all = () => written.then(() => numbersOf(db, filter));
        return { filter, seen: await read(story, filter, all) };
      }),
    );
    const faults: string[] = [];
    for (const one of seen) faults.push(...faultsOf(one.filter, one.seen, await numbersOf(db, one.filter)));
    return {
      connections: story.reconnects,
      events: (await numbersOf(db, {})).length,
      readers,
      frames: seen.reduce((sum, one) => sum + one.seen.length, 0),
      faults,
    };
  } finally {
    story.isOver = true;
    clearInterval(timer);
    await writing.catch(() => undefined);
  }
}

/** Writes until it is over, in transactions that commit out of order or roll back. */
async function write(unit: Unit, story: Story): Promise<void> {
  while (!story.isOver) {
    if (story.written > story.reconnects + 50) {
      await delay(5);
      continue;
    }
    const list = Array.from({ length: randomInt(1, 5) }, (): NewEvent => {
      const user_id = people[randomInt(people.length)] ?? people[0];
      return randomInt(2) === 0
        ? { type: 'user.created', user_id }
        : { type: 'user.updated', user_id, data: { changed: ['x'] } };
    });
    await transact(unit, async (tx) => {
      await publish(tx, ...list);
      await delay(randomInt(20));
      if (randomInt(10) === 0) throw new Error('rolled back on purpose');
    }).catch(() => undefined);
    story.written += list.length;
  }
}

/** Reads with random disconnects, and at the end to the last event. */
async function read(story: Story, filter: Filter, expected: () => Promise<number[]>): Promise<number[]> {
  const seen: number[] = [];
  while (!story.isOver) {
    const enough = new AbortController();
    const client = await connect(story, filter, seen, seen.length + randomInt(1, 40), enough);
    if (!client) continue;
    await delay(randomInt(patienceMs()), undefined, { signal: enough.signal }).catch(() => undefined);
    enough.abort();
    client.vanish();
    story.reconnects += 1;
    if (story.reconnects >= story.wanted) story.isOver = true;
  }
  const all = await expected();
  const client = await until(
    'a stream',
    () => connect(story, filter, seen, Number.POSITIVE_INFINITY, new AbortController()),
    60_000,
  );
  // A timeout means that an event was missed, which the comparison reports.
  await until('the rest', () => seen.length >= all.length, 60_000).catch(() => undefined);
  client.vanish();
  return seen;
}

// Most break during the backfill; others reach the live phase.
function patienceMs(): number {
  return randomInt(4) === 0 ? 1000 : 60;
}

/** @returns undefined after a while when the service is overloaded */
async function connect(
  story: Story,
  filter: Filter,
  seen: number[],
  room: number,
  enough: AbortController,
): Promise<StreamClient | undefined> {
  const query = new URLSearchParams({ after: '0', ...filter });
  const lastId = seen.at(-1);
  const client = await openStream(`${story.urls[randomInt(story.urls.length)]}/v1/events/stream?${query.toString()}`, {
    key: story.key,
    headers: lastId === undefined ? {} : { 'last-event-id': String(lastId) },
    onFrame: ({ id }) => {
      // What arrives after the break was never read.
      if (!enough.signal.aborted) seen.push(id);
      if (seen.length === room) enough.abort();
    },
  });
  if (client.status === 200) return client;
  client.vanish();
  if (client.status !== 503) throw new Error(`the stream was refused with ${client.status}`);
  await delay(randomInt(200));
  return undefined;
}

async function numbered(db: Db): Promise<void> {
  await until(
    'all numbers',
    async () => (await db.select().from(events).where(isNull(events.sequence)).limit(1)).length === 0,
    30_000,
  );
}

async function numbersOf(db: Db, { user_id, type }: Filter): Promise<number[]> {
  const rows = await db
    .select({ sequence: events.sequence })
    .from(events)
    .where(and(user_id ? eq(events.user_id, user_id) : undefined, type ? eq(events.type, type) : undefined))
    .orderBy(asc(events.sequence));
  return rows.map(({ sequence }) => Number(sequence));
}

function faultsOf(filter: Filter, seen: number[], all: number[]): string[] {
  if (seen.length === all.length && seen.every((id, index) => id === all[index])) return [];
  const missing = all.filter((id) => !seen.includes(id));
  const repeated = seen.filter((id, index) => seen.indexOf(id) !== index);
  return [
    `${JSON.stringify(filter)}: missed [${missing.join()}], twice [${repeated.join()}], ${seen.length} of ${all.length}`,
  ];
}
