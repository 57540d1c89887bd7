import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { and, asc, eq, isNull } from 'drizzle-orm';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { type App, buildApp } from '../../src/app.ts';
import { events } from '../../src/db/schema.ts';
import { eventsTopic, type NewEvent, publish } from '../../src/events/publish.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { openStream } from '../support/event-stream.ts';
import { until } from '../support/until.ts';

/* How often a connection is broken; `npm run proof` breaks many more. */
const wanted = Number(process.env['SSE_RECONNECTS'] ?? 200);
const readersCount = wanted > 1000 ? 40 : 20;
const people = [randomUUID(), randomUUID(), randomUUID()];

type Filter = { user_id?: string; type?: NewEvent['type'] };
type Story = { urls: string[]; key: string; reconnects: number; written: number; isOver: boolean };

async function startSecond(t: Test, { config }: TestApp): Promise<{ app: App; url: string }> {
  const app = await buildApp({ ...config, port: 0 }, { log: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Writes as long as connections break, in transactions that commit out of order, and some not at all. */
async function write(app: App, story: Story): Promise<void> {
  while (!story.isOver) {
    if (story.written > story.reconnects + 50) {
      await delay(5);
      continue;
    }
    const list = Array.from({ length: randomInt(1, 5) }, (): NewEvent => {
      const user_id = people[randomInt(people.length)]!;
      return randomInt(2) === 0
        ? { type: 'user.created', user_id }
        : { type: 'user.updated', user_id, data: { changed: ['x'] } };
    });
    await app.db
      .transaction(async (tx) => {
        await publish(tx, ...list);
        await delay(randomInt(20));
        if (randomInt(10) === 0) throw new Error('rolled back on purpose');
      })
      .catch(() => undefined);
    story.written += list.length;
    app.wakeups.wake(eventsTopic);
  }
}

/** Reads, losing the connection at any moment, and when the story is over to the end. */
async function read(story: Story, filter: Filter, expected: () => Promise<number[]>): Promise<number[]> {
  const query = new URLSearchParams({ after: '0', ...filter });
  const seen: number[] = [];
  async function connect(room: number, enough: AbortController) {
    const lastId = seen.at(-1);
    const client = await openStream(
      `${story.urls[randomInt(story.urls.length)]}/v1/events/stream?${query.toString()}`,
      {
        key: story.key,
        headers: lastId === undefined ? {} : { 'last-event-id': String(lastId) },
        onFrame: ({ id }) => {
          // What has arrived after the connection broke was never seen.
          if (!enough.signal.aborted) seen.push(id);
          if (seen.length === room) enough.abort();
        },
      },
    );
    if (client.status !== 200) throw new Error(`the stream was refused with ${client.status}`);
    return client;
  }
  while (!story.isOver) {
    const enough = new AbortController();
    const client = await connect(seen.length + randomInt(1, 40), enough);
    await delay(randomInt(60), undefined, { signal: enough.signal }).catch(() => undefined);
    enough.abort();
    client.vanish();
    story.reconnects += 1;
    if (story.reconnects >= wanted) story.isOver = true;
  }
  const all = await expected();
  const client = await connect(Number.POSITIVE_INFINITY, new AbortController());
  await until(`the rest of ${all.length} events`, () => seen.length >= all.length, 30_000);
  client.vanish();
  return seen;
}

t.setTimeout(600_000);
t.test(`${wanted} broken connections on two instances: no gap, no repeat`, { timeout: 600_000 }, async (t) => {
  const first = await startApp(t);
  const second = await startSecond(t, first);
  const story: Story = { urls: [first.url, second.url], key: first.key, reconnects: 0, written: 0, isOver: false };
  const filters: Filter[] = [
    {},
    { user_id: people[0]! },
    { type: 'user.updated' },
    { user_id: people[1]!, type: 'user.created' },
  ];

  const writers = [first.app, second.app, first.app, second.app].map((app) => write(app, story));
  const written = Promise.all(writers).then(() =>
    until('all numbers', async () => {
      const left = await first.database.db.select().from(events).where(isNull(events.sequence)).limit(1);
      return left.length === 0;
    }),
  );
  async function expected({ user_id, type }: Filter): Promise<number[]> {
    const rows = await first.database.db
      .select({ sequence: events.sequence })
      .from(events)
      .where(and(user_id ? eq(events.user_id, user_id) : undefined, type ? eq(events.type, type) : undefined))
      .orderBy(asc(events.sequence));
    return rows.map(({ sequence }) => Number(sequence));
  }
  const readers = Array.from({ length: readersCount }, async (_, index) => {
    const filter = filters[index % filters.length] ?? {};
    const all = async () => {
      await written;
      return expected(filter);
    };
    return { filter, seen: await read(story, filter, all) };
  });
  for (const { filter, seen } of await Promise.all(readers)) t.same(seen, await expected(filter));
  const total = (await expected({})).length;
  t.comment(`${story.reconnects} connections, ${total} events, ${readersCount} readers`);
  t.ok(total > 20, 'there was something to miss');
});
