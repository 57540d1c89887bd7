import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { t, type Test } from '../../support/tap.ts';
import { events } from '../../../src/platform/db/schema.ts';
import { type NewEvent, publish } from '../../../src/features/events/publish.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { revokeKey } from '../../../src/features/keys/store.ts';
import { createEventStream } from '../../../src/features/events/stream.ts';
import { createTail, type Tail } from '../../../src/features/events/tail.ts';
import { publishIn, unitOf } from '../../support/unit.ts';
import { openStream } from '../../../lab/ground/event-stream.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { until } from '../../support/until.ts';

type App = TestApp['app'];

async function tell(app: App, ...list: NewEvent[]): Promise<void> {
  await publishIn(app, ...list);
}

function created(user_id: string): NewEvent {
  return { type: 'user.created', user_id };
}

async function follow(t: Test, { url, key }: TestApp, query = '', headers: Record<string, string> = {}) {
  const client = await openStream(`${url}/v1/events/stream${query}`, { key, headers });
  t.teardown(client.vanish);
  return client;
}

/** Publishes an event, waits until it has its number, and gives that. */
async function tellOne({ app, call }: TestApp): Promise<number> {
  const [id] = await publishIn(app, created(randomUUID()));
  const event = await until('its number', async () => {
    const { data }: { data: { id: string; sequence: number }[] } = (await call('GET', '/v1/events?limit=1000')).body;
    return data.find((one) => one.id === id);
  });
  return event.sequence;
}

const shared = await startApp(t, { environment: { EVENT_STREAM_HEARTBEAT_SECONDS: '0.1' } });

t.test('events arrive as they happen, whole and in order', async (t) => {
  const service = shared;
  const [after, later] = [randomUUID(), randomUUID()];
  const first = await tellOne(service);

  const client = await follow(t, service);
  t.equal(client.status, 200);
  t.match(client.headers, { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store' });
  await until('the opening', () => client.retry !== null);
  t.equal(client.retry, 2000);
  t.equal(client.lastId, first, 'whoever loses the connection now comes back to this place');

  await tell(service.app, created(after));
  await tell(service.app, created(later));
  await until('two events', () => client.frames.length === 2);
  t.same(
    client.frames.map(({ data }) => data['user_id']),
    [after, later],
    'what was before is not sent',
  );
  const { data: page } = (await service.call('GET', `/v1/events?after=${first}`)).body;
  t.same(
    client.frames.map(({ data }) => data),
    page,
    'the same events as by page',
  );
  t.same(
    client.frames.map(({ id, event }) => [id, event]),
    [
      [first + 1, 'user.created'],
      [first + 2, 'user.created'],
    ],
  );

  const back = await follow(t, service, '', { 'last-event-id': String(first + 1) });
  await until('the rest', () => back.frames.length === 1);
  t.equal(back.frames[0]?.id, first + 2);
  const whole = await follow(t, service, '?after=0');
  await until('all', () => whole.frames.length === first + 2);
  const both = await follow(t, service, '?after=0', { 'last-event-id': String(first + 1) });
  await until('the rest', () => both.frames.length === 1);
  t.equal(both.frames[0]?.id, first + 2, 'Last-Event-ID goes before the address, which EventSource never changes');
});

t.test('filters hold for what was and for what comes', async (t) => {
  const service = shared;
  const start = await tellOne(service);
  const [ada, bob, avatar, training] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const data = { status: 'queued', attempt: 1, progress: 0, sandbox: true } as const;
  const list: NewEvent[] = [
    created(ada),
    created(bob),
    { type: 'avatar.deleted', user_id: ada, avatar_id: avatar },
    { type: 'training.queued', user_id: ada, avatar_id: avatar, training_id: training, data },
  ];
  await tell(service.app, ...list);
  const cases: [query: string, places: number[]][] = [
    ['', [0, 1, 2, 3]],
    [`&user_id=${bob}`, [1]],
    [`&user_id=${ada}`, [0, 2, 3]],
    [`&avatar_id=${avatar}`, [2, 3]],
    [`&training_id=${training}`, [3]],
    ['&type=user.created', [0, 1]],
    ['&type=user.created&type=avatar.deleted', [0, 1, 2]],
    [`&type=user.created&user_id=${ada}`, [0]],
    [`&training_id=${randomUUID()}`, []],
  ];
  const clients = await Promise.all(cases.map(([query]) => follow(t, service, `?after=${start}${query}`)));
  await until('the first four', () => clients[0]!.frames.length === 4);
  await tell(service.app, ...list);
  await until('all eight', () => clients[0]!.frames.length === 8);
  for (const [index, [query, places]] of cases.entries()) {
    const expected = [1, 5].flatMap((from) => places.map((place) => start + from + place));
    const seen = () => clients[index]!.frames.map(({ id }) => id);
    await until(query, () => seen().length === expected.length);
    t.same(seen(), expected, query || 'no filter');
  }
});

t.test('what cannot be followed is refused', async (t) => {
  const service = await startApp(t, { environment: { EVENT_STREAMS_MAX: '1' } });
  const cases: [query: string, headers: Record<string, string>, status: number][] = [
    ['?after=-1', {}, 400],
    ['?after=soon', {}, 400],
    ['?type=user.born', {}, 400],
    ['?training_id=1', {}, 400],
    ['?colour=red', {}, 400],
    ['', { 'last-event-id': 'x' }, 400],
    ['', { authorization: '' }, 401],
    ['?key=1', {}, 400],
  ];
  for (const [query, headers, status] of cases) {
    t.equal((await service.call('GET', `/v1/events/stream${query}`, { headers })).status, status, query);
  }
  const { key } = await createKey(service.app, { name: 'no events', scopes: ['avatars:read'] });
  const answer = await service.call('GET', '/v1/events/stream', { headers: { authorization: `Bearer ${key}` } });
  t.equal(answer.status, 403);
  t.match(answer.body, { code: 'missing-scope', scope: 'events:read' });
  for (const path of ['/v1/events', '/v1/events/stream']) {
    const beyond = await service.call('GET', `${path}?after=99999999999999999999`);
    t.match(beyond, { status: 400, body: { code: 'invalid-request' } }, `${path} after what is no number of an event`);
  }
  t.equal((await service.call('HEAD', '/v1/events/stream')).status, 405, 'there is nothing that could be asked for so');

  const client = await follow(t, service);
  const full = await service.call('GET', '/v1/events/stream');
  t.equal(full.status, 503);
  t.match(full.body, { code: 'overloaded', detail: /1 streams/ });
  t.equal(full.headers.get('retry-after'), '5');
  client.vanish();
  await until('room again', async () => {
    const next = await follow(t, service);
    next.vanish();
    return next.status === 200;
  });
});

t.test('heartbeats show that it lives and how far it has come', async (t) => {
  const service = shared;
  const client = await follow(t, service, `?user_id=${randomUUID()}`);
  const last = await tellOne(service);
  await until('the place of an event that is not wanted', () => client.lastId === last);
  t.ok(client.comments.includes('heartbeat'));
  t.same(client.frames, []);
});

// Each is as large as what a socket's buffers hold, or nearly so.
const large: NewEvent = {
  type: 'photo.rejected',
  data: { filename: 'x'.repeat(100_000), code: 'empty', detail: 'is empty' },
};

const slowness: [name: string, environment: Record<string, string>][] = [
  [
    'that takes nothing for two heartbeats',
    { EVENT_STREAM_BUFFER_BYTES: '1000000000', EVENT_STREAM_HEARTBEAT_SECONDS: '0.2' },
  ],
  ['for whom too much waits', { EVENT_STREAM_BUFFER_BYTES: '1024', EVENT_STREAM_HEARTBEAT_SECONDS: '60' }],
];
for (const [name, environment] of slowness) {
  void t.test(`a reader ${name} is ended, and loses nothing by it`, async (t) => {
    const service = await startApp(t, { environment });
    const streams = async () => /likeness_event_streams (\d)/.exec((await service.call('GET', '/metrics')).body)?.[1];
    const quick = await follow(t, service);
    const slow = await follow(t, service);
    await until('the openings', () => quick.retry !== null && slow.retry !== null);
    slow.pause();
    let told = 0;
    await until('the end of the slow one', async () => {
      for (let more = 0; more < 5; more += 1) await tell(service.app, large);
      told += 5;
      return (await streams()) === '1';
    });
    await until('all at the other', () => quick.frames.length === told);
    slow.resume();
    t.equal(await slow.over, 'broken');
    const back = await follow(t, service, '', { 'last-event-id': String(slow.lastId) });
    await until('the rest', () => slow.frames.length + back.frames.length >= told);
    t.same(
      [...slow.frames, ...back.frames].map(({ id }) => id),
      quick.frames.map(({ id }) => id),
    );
  });
}

t.test('a key that was revoked gets nothing more', async (t) => {
  const service = shared;
  const made = await createKey(service.app, { name: 'short', scopes: ['events:read'] });
  const client = await openStream(`${service.url}/v1/events/stream`, { key: made.key });
  await until('the opening', () => client.retry !== null);
  await revokeKey(service.app.db, made.id);
  t.equal(await client.over, 'end');
  t.equal(client.comments.at(-1), 'the credentials have ended');
});

t.test('a user token follows its own user, in what was and in what comes', async (t) => {
  const service = shared;
  const [ada, bob] = [await service.makeUser(), await service.makeUser()];
  const { body } = await service.call('POST', `/v1/users/${ada.id}/tokens`, { json: { scopes: ['events:read'] } });
  const open = async (query: string) => {
    const client = await openStream(`${service.url}/v1/events/stream${query}`, { key: body.token });
    t.teardown(client.vanish);
    return client;
  };
  const whole = await open('?after=0');
  const live = await open('');
  const foreign = await open(`?after=0&user_id=${bob.id}`);
  await until('the openings', () => live.retry !== null && foreign.retry !== null);
  await until('the first event', () => whole.frames.length === 1);
  await tell(service.app, created(bob.id), { type: 'provider.recovered', data: { reason: 'x' } }, created(ada.id));
  await until('the own event', () => live.frames.length === 1);
  await until('the own event', () => whole.frames.length === 2);
  for (const { data } of [...live.frames, ...whole.frames]) t.equal(data['user_id'], ada.id);
  t.same(foreign.frames, [], 'another user’s events are none');
});

t.test('no time-out of the server cuts a stream that lives', async (t) => {
  const service = shared;
  service.app.server.setTimeout(500);
  service.app.server.keepAliveTimeout = 500;
  const client = await follow(t, service);
  await until('two seconds of heartbeats', () => client.comments.length >= 20);
  await tell(service.app, created(randomUUID()));
  await until('the event', () => client.frames.length === 1);
  t.equal(client.frames[0]?.event, 'user.created');
});

t.test('streams end with the service, and say when to come back', async (t) => {
  const service = await startApp(t);
  const clients = await Promise.all(Array.from({ length: 5 }, () => follow(t, service)));
  await until('the openings', () => clients.every(({ retry }) => retry !== null));
  const start = performance.now();
  const closing = service.app.close();
  t.same(
    await Promise.all(clients.map(({ over }) => over)),
    Array.from({ length: 5 }, () => 'end'),
  );
  await closing;
  t.ok(performance.now() - start < 2000, 'nobody waits for readers');
  for (const { retry, comments } of clients) {
    t.equal(comments.at(-1), 'the service stops');
    t.ok(retry !== null && retry >= 1000 && retry <= 5000);
  }
});

t.test('what is numbered while a stream goes over from what was to what comes is sent once', async (t) => {
  const { app } = shared;
  const tail = createTail(app, 60_000);
  t.teardown(() => tail.close());
  const listen = (following: Tail) => {
    const options = { after: 0, filter: {}, reach: {}, isAllowed: async () => true };
    const stream = createEventStream(app, following, options);
    t.teardown(() => stream.destroy());
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return () => Array.from(text.matchAll(/^id: (\d+)\nevent/gm), ([, id]) => Number(id));
  };
  const first = listen(tail);
  const before = await tellOne(shared);
  await until('the tail to be read', () => first().includes(before));
  let between = 0;
  const second = listen({
    ...tail,
    closed: false,
    // By now the second has read the database; the tail has handed over what comes next before the second joins it.
    follow: async (reader) => {
      between = await tellOne(shared);
      await until('the other reader to have it', () => first().includes(between));
      return tail.follow(reader);
    },
  });
  await until('the cut-over', () => between > 0 && second().includes(between));
  const after = await tellOne(shared);
  await until('what comes', () => second().includes(after));
  t.same(second(), first());
  t.equal(new Set(second()).size, second().length, 'none twice');
});

t.test('what nobody is woken for is found by polling', async (t) => {
  const client = await follow(t, shared);
  await until('the opening', () => client.retry !== null);
  const user = randomUUID();
  // A process that died after its commit left it so.
  await publishIn(unitOf(shared.app.db), created(user));
  await until('the event', () => client.frames.some(({ data }) => data['user_id'] === user));
});

t.test('an event whose transaction commits late is sent late, and not left out', async (t) => {
  const service = shared;
  const client = await follow(t, service);
  await until('the opening', () => client.retry !== null);
  const [slow, fast] = [randomUUID(), randomUUID()];
  const committed = await transact(service.app, async (tx) => {
    await publish(tx, created(slow));
    await tell(service.app, created(fast));
    await until('the fast one', () => client.frames.length === 1);
    return tx.select().from(events).where(eq(events.user_id, slow));
  });
  t.match(committed, [{ sequence: null }], 'only what is committed has a number');
  await until('the slow one', () => client.frames.length === 2);
  t.same(
    client.frames.map(({ data }) => data['user_id']),
    [fast, slow],
  );
});
