import { randomUUID } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { events, webhookAttempts, webhookDeliveries } from '../../../src/platform/db/schema.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { eventTypes } from '../../../src/features/events/types.ts';
import { startApp } from '../../support/app.ts';

const service = await startApp(t);
const { app, call } = service;
const root = '/v1/webhook-endpoints';
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';

async function make(fields: Record<string, unknown> = {}) {
  return call('POST', root, { json: { url: 'https://bot.example.com/hooks', ...fields } });
}

t.test('an endpoint is made, and shows its secret once', async (t) => {
  const types = ['training.failed', 'training.succeeded', 'training.failed'];
  const made = await make({ description: 'the bot', event_types: types });
  t.equal(made.status, 201);
  const { secret, ...endpoint } = made.body;
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/, '256 random bits');
  t.equal(made.headers.get('location'), `${root}/${endpoint.id}`);
  t.match(endpoint, {
    url: 'https://bot.example.com/hooks',
    description: 'the bot',
    event_types: ['training.succeeded', 'training.failed'],
    status: 'enabled',
    disabled_reason: null,
    failing_since: null,
    previous_secret_expires_at: null,
  });
  const read = await call('GET', `${root}/${endpoint.id}`);
  t.same(read.body, endpoint);
  t.equal(read.headers.get('etag'), made.headers.get('etag'));
  t.notOk(JSON.stringify((await call('GET', root)).body).includes(secret));
  t.not((await make()).body.secret, secret);
});

t.test('endpoints are listed by pages, newest first', async (t) => {
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.unshift((await make()).body.id);
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null && seen.length < 5) {
    const { body } = await call('GET', `${root}?limit=2${cursor && `&cursor=${cursor}`}`);
    t.equal(body.data.length, 2);
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  }
  t.same(seen.slice(0, 5), ids);
  t.match(await call('GET', `${root}?cursor=x`), { status: 400, body: { code: 'invalid-cursor' } });
  const { body } = await make();
  const foreign = (await call('GET', `${root}?limit=1`)).body.next_cursor;
  t.match(await call('GET', `${root}/${body.id}/deliveries?cursor=${foreign}`), { status: 400 }, 'of another list');
});

t.test('an endpoint is changed by merge patch, and only in the state that was read', async (t) => {
  const made = await make({ description: 'old', event_types: ['user.created'] });
  const path = `${root}/${made.body.id}`;
  const first = String(made.headers.get('etag'));
  const changed = await call('PATCH', path, {
    json: { description: null, url: 'https://other.example.com/' },
    headers: { 'if-match': first },
  });
  t.equal(changed.status, 200);
  t.match(changed.body, { description: null, url: 'https://other.example.com/', event_types: ['user.created'] });
  t.not(changed.headers.get('etag'), first);
  const late = await call('PATCH', path, { json: { description: 'late' }, headers: { 'if-match': first } });
  t.match(late, { status: 412, body: { code: 'precondition-failed' } });
  t.match(await call('DELETE', path, { headers: { 'if-match': first } }), { status: 412 });

  const off = await call('PATCH', path, { json: { status: 'disabled' } });
  t.match(off.body, { status: 'disabled', disabled_reason: 'by-request' });
  t.match((await call('PATCH', path, { json: { status: 'disabled' } })).body, { disabled_reason: 'by-request' });
  for (const action of ['ping', `deliveries/${nobody}/redeliver`]) {
    t.match(await call('POST', `${path}/${action}`), { status: 409, body: { code: 'invalid-state' } }, action);
  }
  const since = { json: { since: '2026-01-01T00:00:00Z' } };
  t.match(await call('POST', `${path}/redeliver`, since), { status: 409, body: { code: 'invalid-state' } });
  const on = await call('PATCH', path, {
    json: { status: 'enabled', event_types: null },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.match(on.body, { status: 'enabled', disabled_reason: null, event_types: null });

  t.equal((await call('DELETE', path)).status, 204);
  t.equal((await call('GET', path)).status, 404);
});

t.test('what makes no sense is refused, and changes nothing', async (t) => {
  const { body } = await make();
  const path = `${root}/${body.id}`;
  const cases: [json: Record<string, unknown>, status: number, code: string][] = [
    [{ url: 'http://bot.example.com/' }, 422, 'invalid-endpoint-url'],
    [{ url: 'https://127.0.0.1/' }, 422, 'invalid-endpoint-url'],
    [{ url: 'https://2130706433/' }, 422, 'invalid-endpoint-url'],
    [{ url: 'nonsense' }, 422, 'invalid-endpoint-url'],
    [{ url: `https://bot.example.com/${'x'.repeat(2048)}` }, 400, 'invalid-request'],
    [{ url: null }, 400, 'invalid-request'],
    [{ event_types: ['training.succeeded', 'training.done'] }, 422, 'unknown-event-type'],
    [{ event_types: [] }, 400, 'invalid-request'],
    [{ event_types: 'training.succeeded' }, 400, 'invalid-request'],
    [{ description: 'x'.repeat(256) }, 400, 'invalid-request'],
    [{ description: 'a\u0000b' }, 400, 'invalid-request'],
    [{ secret: 'whsec_mine' }, 400, 'invalid-request'],
  ];
  for (const [fields, status, code] of cases) {
    t.match(await make(fields), { status, body: { code } }, `POST ${JSON.stringify(fields).slice(0, 60)}`);
    t.match(await call('PATCH', path, { json: fields }), { status, body: { code } });
  }
  t.match(await call('PATCH', path, { json: {} }), { status: 400 });
  t.match(await call('PATCH', path, { json: { status: 'paused' } }), { status: 400 });
  const { secret: _, ...before } = body;
  t.same((await call('GET', path)).body, before);
  const unknown = await make({ event_types: ['training.done'] });
  t.same(unknown.body.event_types, eventTypes, 'the list of types is in the answer');
  t.match(unknown.body.errors, [{ field: '/event_types/0' }]);
});

t.test('a key that only reads events sees no secret of a URL and nothing of what an endpoint answers', async (t) => {
  const secretUrl = 'https://bot.example.com:8443/hooks/hunter2?token=hunter3';
  const { body: made } = await make({ url: secretUrl });
  t.equal(made.url, secretUrl);
  const now = new Date();
  const event = { id: randomUUID(), type: 'user.created', data: {}, created_at: now };
  await app.db.insert(events).values(event);
  const delivery = { id: randomUUID(), endpoint_id: made.id, event_id: event.id, status: 'failed' as const };
  const times = { give_up_at: now, created_at: now, ended_at: now, next_attempt_at: null };
  await app.db.insert(webhookDeliveries).values({ ...delivery, ...times, attempts: 1, tries: 1 });
  await app.db.insert(webhookAttempts).values({
    id: randomUUID(),
    delivery_id: delivery.id,
    number: 1,
    attempted_at: now,
    latency_ms: 1,
    response_status: 500,
    response_body: 'hunter4',
    error: null,
  });
  const { key } = await createKey(app, { name: 'reader', scopes: ['events:read'] });
  const headers = { authorization: `Bearer ${key}` };
  const read = async (path: string, more = {}) => (await call('GET', path, more)).body;
  const paths = [root, `${root}/${made.id}`, `${root}/${made.id}/deliveries`];
  for (const path of paths) t.notMatch(JSON.stringify(await read(path, { headers })), /hunter/, path);
  t.equal((await read(`${root}/${made.id}`, { headers })).url, 'https://bot.example.com:8443/…');
  t.match(await read(paths[2] ?? '', { headers }), {
    data: [{ attempts: [{ response_status: 500, response_body: null }] }],
  });
  for (const path of paths) t.match(JSON.stringify(await read(path)), /hunter/, `${path} for the scope admin`);
});

t.test('there is nothing where there is no endpoint', async (t) => {
  const calls: [method: string, path: string, json?: unknown][] = [
    ['GET', ''],
    ['PATCH', '', { description: 'x' }],
    ['DELETE', ''],
    ['POST', '/ping'],
    ['POST', '/rotate-secret'],
    ['GET', '/deliveries'],
    ['POST', `/deliveries/${randomUUID()}/redeliver`],
    ['POST', '/redeliver', { since: '2026-01-01T00:00:00Z' }],
  ];
  for (const [method, path, json] of calls) {
    t.match(
      await call(method, `${root}/${nobody}${path}`, json === undefined ? {} : { json }),
      { status: 404, body: { code: 'not-found' } },
      `${method} ${path}`,
    );
  }
});

t.test('reading takes events:read, everything else admin', async (t) => {
  const { body } = await make();
  const path = `${root}/${body.id}`;
  const { key } = await createKey(app, { name: 'reader', scopes: ['events:read'] });
  const { key: other } = await createKey(app, { name: 'other', scopes: ['avatars:read', 'trainings:write'] });
  const as = (bearer: string) => ({ headers: { authorization: `Bearer ${bearer}` } });
  for (const read of [root, path, `${path}/deliveries`]) {
    t.equal((await call('GET', read, as(key))).status, 200, read);
    t.match(await call('GET', read, as(other)), { status: 403, body: { scope: 'events:read' } });
  }
  const user = await service.makeUser();
  const { token } = (await call('POST', `/v1/users/${user.id}/tokens`)).body;
  t.match(await call('GET', root, as(token)), { status: 403, body: { code: 'key-needed' } }, 'users have none');
  const writes: [method: string, path: string, json?: unknown][] = [
    ['POST', root, { url: 'https://bot.example.com/' }],
    ['PATCH', path, { description: 'x' }],
    ['DELETE', path],
    ['POST', `${path}/ping`],
    ['POST', `${path}/rotate-secret`],
    ['POST', `${path}/redeliver`, { since: '2026-01-01T00:00:00Z' }],
    ['POST', `${path}/deliveries/${nobody}/redeliver`],
  ];
  for (const [method, write, json] of writes) {
    const refused = await call(method, write, { ...as(key), ...(json !== undefined && { json }) });
    t.match(refused, { status: 403, body: { code: 'missing-scope', scope: 'admin' } }, `${method} ${write}`);
  }
});
