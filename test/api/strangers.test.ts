import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { t } from '../support/tap.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { startApp } from '../support/app.ts';
import { attacks, type World } from '../support/attacks.ts';
import { keyWith, tokenFor } from '../support/callers.ts';
import { describedApi } from '../support/contract.ts';
import { openStream } from '../../lab/ground/event-stream.ts';
import { until } from '../support/until.ts';

const nobody = Object.fromEntries(
  [
    'user',
    'externalId',
    'avatar',
    'photo',
    'training',
    'generation',
    'image',
    'batch',
    'pack',
    'key',
    'endpoint',
    'delivery',
  ].map((name) => [name, randomUUID()]),
) as World;

/** Sends what stands there and keeps the connection open. @returns the first of the answer */
async function raw(t: { teardown(end: () => unknown): void }, url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(text);
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

t.test('nobody gets a body read before it is known who they are', async (t) => {
  const { app, url } = await startApp(t);
  const { operations } = describedApi(app);
  const withBody = operations.filter(({ method }) => method !== 'GET');
  t.ok(withBody.length > 20);
  const half = (method: string, path: string, headers: string[] = []) =>
    [
      `${method} ${path} HTTP/1.1`,
      'host: x',
      'content-type: application/json',
      'content-length: 60000',
      ...headers,
      '',
      '{"name":"',
    ].join('\r\n');
  for (const { method, operationId } of withBody) {
    const path = attacks[operationId]?.path(nobody) ?? '';
    for (const headers of [[], ['authorization: Bearer lk_guess']]) {
      t.match(await raw(t, url, half(method, path, headers)), /^HTTP\/1\.1 401 /, `${operationId} ${headers.join()}`);
    }
  }
  t.match(await raw(t, url, half('POST', '/nowhere')), /^HTTP\/1\.1 404 /, 'where there is no route');
  t.match(await raw(t, url, half('POST', '/v1/nowhere')), /^HTTP\/1\.1 404 /);
  const time = Math.floor(Date.now() / 1000);
  const signed = (at: number) => [
    'x-fal-webhook-request-id: a',
    'x-fal-webhook-user-id: a',
    `x-fal-webhook-timestamp: ${at}`,
    `x-fal-webhook-signature: ${'ab'.repeat(64)}`,
  ];
  t.match(await raw(t, url, half('POST', '/webhooks/fal', signed(time - 400))), /^HTTP\/1\.1 401 /);
  t.match(await raw(t, url, half('POST', '/webhooks/fal', signed(time).slice(1))), /^HTTP\/1\.1 401 /);
  const large = half('POST', '/webhooks/fal', signed(time)).replace('60000', '70000');
  t.match(await raw(t, url, large), /^HTTP\/1\.1 413 /, 'without our token a body is small');
});

t.test('guesses of keys are not looked up beyond the limit, however many come at once', async (t) => {
  const limit = 20;
  const { app, url, key } = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: String(limit) } });
  const known = () => fetch(`${url}/v1/trainers`, { headers: { authorization: `Bearer ${key}` } });
  t.equal((await known()).status, 200);
  let lookups = 0;
  const query = app.pool.query.bind(app.pool) as (...given: unknown[]) => unknown;
  Object.assign(app.pool, {
    query: (...given: unknown[]) => {
      if (JSON.stringify(given[0]).includes('key_hash')) lookups += 1;
      return query(...given);
    },
  });
  const guesses = Array.from({ length: 200 }, (_, index) =>
    fetch(`${url}/v1/avatars`, { headers: { authorization: `Bearer lk_guess${index}` } }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  t.equal(statuses.filter((status) => status === 429).length, 200 - limit + 1, 'one was the first use of the key');
  t.ok(lookups <= limit, `${lookups} lookups`);
  t.ok(lookups > 0, 'and some there are');
  t.equal((await known()).status, 200, 'a key that was seen to be valid is not concerned');
});

t.test('outside /v1 another Authorization is not another caller', async (t) => {
  const { url } = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: '5' } });
  const statuses: number[] = [];
  for (let index = 0; index < 8; index += 1) {
    const { status } = await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer lk_${index}` } });
    statuses.push(status);
  }
  t.same(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
});

t.test('who is refused for a scope or as a user has asked all the same', async (t) => {
  const service = await startApp(t, {
    environment: { RATE_LIMIT_PER_MINUTE: '6', RATE_LIMIT_PER_USER_PER_MINUTE: '3' },
  });
  const user = await service.makeUser();
  const token = await tokenFor(service, user.id);
  const ask = async (authorization: string, path: string) =>
    (await service.call('GET', path, { headers: { authorization } })).status;
  const byToken: number[] = [];
  for (let count = 0; count < 5; count += 1) byToken.push(await ask(token, '/v1/keys'));
  t.same(byToken, [403, 403, 403, 429, 429]);
  const weak = await keyWith(service, ['events:read']);
  const byKey: number[] = [];
  for (let count = 0; count < 8; count += 1) byKey.push(await ask(weak, '/v1/avatars'));
  t.same(byKey, [403, 403, 403, 403, 403, 403, 429, 429]);
});

t.test('an address forwarded by a trusted proxy counts, and by nobody else', async (t) => {
  const environment = { RATE_LIMIT_PER_MINUTE: '2' };
  const [closed, open] = [
    await startApp(t, { environment }),
    await startApp(t, { environment: { ...environment, TRUSTED_PROXIES: '10.1.0.0/16, 127.0.0.1' } }),
  ];
  const ask = async (url: string, forwarded: string) =>
    (await fetch(`${url}/nowhere`, { headers: { 'x-forwarded-for': forwarded } })).status;
  const each = async (url: string, addresses: string[]) => {
    const statuses: number[] = [];
    for (const address of addresses) statuses.push(await ask(url, address));
    return statuses;
  };
  t.same(await each(closed.url, ['198.51.100.1', '198.51.100.2', '198.51.100.3']), [404, 404, 429]);
  t.same(await each(open.url, ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2']), [404, 404, 429, 404]);
  t.same(
    await each(open.url, ['203.0.113.5, 198.51.100.1', '198.51.100.1, 10.1.2.3']),
    [429, 429],
    'what the client itself has written, or stands behind a second proxy, does not hide it',
  );
  t.same(
    await each(open.url, ['2001:db8::1', '2001:db8::2', '2001:db8::3']),
    [404, 404, 429],
    'a /64 is one host’s to choose from',
  );
  t.same(await each(open.url, ['x', 'y', 'z']), [404, 404, 429], 'what is no address is none');
});

t.test('a key and each user have so many streams of events, and others theirs', async (t) => {
  const service = await startApp(t, { environment: { EVENT_STREAMS_PER_CALLER: '2' } });
  const [ada, bea] = [await service.makeUser(), await service.makeUser()];
  const bearer = async (id: string) => (await tokenFor(service, id)).replace('Bearer ', '');
  const open = async (key: string) => {
    const client = await openStream(`${service.url}/v1/events/stream`, { key });
    t.teardown(client.vanish);
    return client;
  };
  const [first, second] = [await bearer(ada.id), await bearer(ada.id)];
  const streams = [await open(first), await open(second)];
  await until('the openings', () => streams.every(({ retry }) => retry !== null));
  const refused = await service.call('GET', '/v1/events/stream', { headers: { authorization: `Bearer ${first}` } });
  t.match(refused, { status: 429, body: { code: 'too-many-streams', maximum: 2 } });
  t.equal(refused.headers.get('retry-after'), '5');
  t.equal((await open(await bearer(bea.id))).status, 200, 'another user');
  const { key } = await createKey(service.app, { name: 'reader', scopes: ['events:read'] });
  t.equal((await open(key)).status, 200, 'a key');
  streams[0]?.vanish();
  await until('room again', async () => {
    const next = await open(second);
    if (next.status !== 200) next.vanish();
    return next.status === 200;
  });
});

t.test('two Host headers are no request', async (t) => {
  const { url } = await startApp(t);
  const answer = await raw(t, url, 'GET /v1/trainers HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n');
  t.match(answer, /^HTTP\/1\.1 400 /);
  t.match(answer, 'more than one Host header');
  t.match(await raw(t, url, 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'), /^HTTP\/1\.1 200 /);
});
