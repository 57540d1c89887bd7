import { readFile } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import pino from 'pino';
import { t } from '../../support/tap.ts';
import {
  type Client,
  ConnectionError,
  createClient,
  eachItem,
  followEvents,
  ProblemError,
  startGeneration,
  startTraining,
  waitForGeneration,
  waitForTraining,
} from '../../../packages/client/src/index.ts';
import { verifyWebhook } from '../../../packages/client/src/webhooks.ts';
import { buildApp } from '../../../src/app.ts';
import { generations, trainings } from '../../../src/platform/db/schema.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { followGeneration, trained } from '../../features/generations/story.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { startReceiver } from '../../../lab/ground/receiver.ts';
import { startService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { startProxy } from './proxy.ts';

const service = await startService(t, { environment: { ALLOW_PRIVATE_WEBHOOKS: 'true' } });
const { sandbox } = service;
let { app } = service;
const proxy = await startProxy(t, service.url);
const { key } = await createKey(app, { name: 'bot', scopes: ['admin'] });
const client = createClient({ baseUrl: proxy.url, token: () => Promise.resolve(key) });

const newAvatar = async () => (await arrangeAvatar(app, { photos: 4, trainingType: 'style' })).avatarId;

/** A training that fal has taken, and that goes on when the sandbox's clock does. */
async function runningTraining(by: Client = client): Promise<string> {
  const { id } = await startTraining(by, await newAvatar(), { steps: 10 });
  const status = async () => (await by.GET('/v1/trainings/{id}', { params: { path: { id } } })).data.status;
  await until('fal has it', async () => (await status()) === 'in_queue' || (await status()) === 'in_progress');
  return id;
}

t.test('a POST whose answer is lost is sent again under the same key, and makes one training', async (t) => {
  const avatarId = await newAvatar();
  proxy.spoil('POST', 'reset');
  const { id } = await startTraining(client, avatarId, { steps: 10 });
  const posts = proxy.passed.filter(({ path }) => path === `/v1/avatars/${avatarId}/trainings`);
  t.match(posts, [
    { key: /^[0-9a-f-]{36}$/, replayed: false },
    { key: posts[0]?.key ?? '', replayed: true },
  ]);
  const rows = await app.db.select({ id: trainings.id }).from(trainings).where(eq(trainings.avatar_id, avatarId));
  t.same(rows, [{ id }]);
  const own = await startTraining(client, await newAvatar(), { steps: 10 }, { idempotencyKey: 'message-7' });
  t.equal(proxy.passed.at(-1)?.key, 'message-7');
  t.not(own.id, id, 'another call is another request');
});

t.test('503 is waited for as long as it says, and no longer than a person would', async (t) => {
  proxy.spoil('GET', { status: 503, headers: { 'retry-after': '1' } });
  const begin = performance.now();
  t.match(await client.GET('/v1/avatars'), { data: { data: Array } });
  t.ok(performance.now() - begin >= 1000);

  proxy.spoil('GET', { status: 503, headers: { 'retry-after': '3600' } });
  const refusal = await client.GET('/v1/avatars').catch((error: unknown) => error);
  t.type(refusal, ProblemError);
  t.match(refusal, { status: 503, code: 'unexpected-answer', retryAfterSeconds: 3600, problem: undefined });
});

t.test('what is not safe to repeat is not repeated, nor what nobody wants any more', async (t) => {
  const id = await newAvatar();
  proxy.spoil('PATCH', 'reset');
  const patch = client.PATCH('/v1/avatars/{id}', { params: { path: { id } }, body: { name: 'Grace' } });
  await t.rejects(patch, { name: 'ConnectionError' });
  t.equal(proxy.passed.filter(({ method }) => method === 'PATCH').length, 1);

  proxy.spoil('GET', { status: 503, headers: { 'retry-after': '30' } });
  const enough = new AbortController();
  const waiting = client.GET('/v1/avatars', { signal: enough.signal });
  setImmediate(() => enough.abort(new Error('enough')));
  await t.rejects(waiting, { message: 'enough' });
  const nobody = createClient({ baseUrl: 'http://127.0.0.1:9', token: key, retries: 1 });
  const error = await nobody.GET('/v1/avatars').catch((reason: unknown) => reason);
  t.type(error, ConnectionError);
});

t.test('a problem is thrown with all it says', async (t) => {
  const id = await newAvatar();
  const call = client.POST('/v1/avatars/{id}/trainings', { params: { path: { id } }, body: { steps: 1e9 } });
  const error = await call.catch((reason: unknown) => reason);
  if (!(error instanceof ProblemError)) return t.fail('it is no ProblemError');
  t.match(error, { status: 422, code: 'invalid-setting', errors: [{ field: /steps/ }], request_id: String });
  t.equal(error.message, error.problem?.detail);
});

t.test('events are followed over cut connections without a gap or a repeat', async (t) => {
  const enough = new AbortController();
  let opened = 0;
  const sequences: number[] = [];
  const query = { type: ['user.created' as const] };
  const following = (async () => {
    const options = { signal: enough.signal, onOpen: () => (opened += 1) };
    for await (const { sequence } of followEvents(client, query, options)) sequences.push(sequence);
  })();
  const makeUser = () => client.POST('/v1/users', { body: { external_id: crypto.randomUUID() } });
  await until('the stream is open', () => opened === 1);
  await makeUser();
  await until('the first event', () => sequences.length === 1);
  proxy.cut();
  await makeUser();
  await until('what happened meanwhile', () => sequences.length === 2);
  await makeUser();
  await until('the third event', () => sequences.length === 3);
  enough.abort(new Error('enough'));
  await t.rejects(following, { message: 'enough' });
  const { data: page } = await client.GET('/v1/events', { params: { query: { ...query, limit: 1000 } } });
  t.same(sequences, page.data.map(({ sequence }) => sequence).slice(-3));
  t.equal(opened, 2);
});

t.test('a training is waited for by events, through a cut, and by reading when there are none', async (t) => {
  const reader = await createKey(app, { name: 'reader', scopes: ['avatars:read'] });
  const withoutEvents = createClient({ baseUrl: proxy.url, token: reader.key });
  const id = await runningTraining();
  const seen: string[] = [];
  const byEvents = waitForTraining(client, id, { pollMs: 600_000, onProgress: ({ status }) => seen.push(status) });
  const byReading = waitForTraining(withoutEvents, id, { pollMs: 100 });
  const streams = () => proxy.passed.filter(({ path }) => path.includes(`training_id=${id}`)).length;
  await until('both have asked for a stream', () => streams() >= 2);
  proxy.cut();
  await until('and again', () => streams() >= 3);
  await sandbox.clock.advance(600);
  t.match(await byEvents, { id, status: 'succeeded', progress: 100 });
  t.match(await byReading, { id, status: 'succeeded' });
  t.equal(seen.at(-1), 'succeeded');
  t.equal((await waitForTraining(client, id)).status, 'succeeded', 'one that ended before is there at once');
});

t.test('a generation is started once and waited for by events, through a cut, and by reading', async (t) => {
  const { avatarId } = await trained(service);
  const reader = await createKey(app, { name: 'reader', scopes: ['avatars:read'] });
  const withoutEvents = createClient({ baseUrl: proxy.url, token: reader.key });
  const asked = { prompt: 'at the sea', num_images: 2, aspect_ratio: '3:4' } as const;
  proxy.spoil('POST', 'reset');
  const { id } = await startGeneration(client, avatarId, asked, { idempotencyKey: 'message-8' });
  t.equal((await startGeneration(client, avatarId, asked, { idempotencyKey: 'message-8' })).id, id);
  const made = await app.db.$count(generations, eq(generations.avatar_id, avatarId));
  t.equal(made, 1, 'the lost answer and the repeat are one generation');

  const seen: string[] = [];
  const byEvents = waitForGeneration(client, id, { pollMs: 600_000, onProgress: ({ status }) => seen.push(status) });
  const byReading = waitForGeneration(withoutEvents, id, { pollMs: 100 });
  const streams = () => proxy.passed.filter(({ path }) => path.includes(`generation_id=${id}`)).length;
  await until('both have asked for a stream', () => streams() >= 2);
  await sandbox.queue.complete(await followGeneration(service, id).job());
  const ended = await byEvents;
  t.match(ended, { id, status: 'succeeded', images: [{ status: 'ok', width: 864, height: 1152 }, { index: 1 }] });
  t.match(await byReading, { id, status: 'succeeded' });
  t.equal(seen.at(-1), 'succeeded');
  const { id: other } = await startGeneration(client, avatarId, { prompt: 'sandbox-nsfw' });
  await t.rejects(waitForGeneration(client, other, { timeoutMs: 300 }), {
    name: 'TimeoutError',
    message: `The generation ${other} has not ended within 300 ms; it goes on.`,
  });
  await sandbox.queue.complete(await followGeneration(service, other).job());
  t.match(await waitForGeneration(client, other), { status: 'failed', error: { code: 'all-images-flagged' } });
  const none = waitForGeneration(client, '01a203a6-7cb9-7629-9846-cad5151ccc94');
  await t.rejects(none, { name: 'ProblemError', code: 'not-found' });
});

t.test('waiting ends when it should, and the training goes on', async (t) => {
  const id = await runningTraining();
  await t.rejects(waitForTraining(client, id, { timeoutMs: 300 }), { name: 'TimeoutError', message: /it goes on/ });
  const enough = new AbortController();
  const waiting = waitForTraining(client, id, {
    signal: enough.signal,
    onProgress: () => enough.abort(new Error('enough')),
  });
  await t.rejects(waiting, { message: 'enough' });
  const none = waitForTraining(client, '01a203a6-7cb9-7629-9846-cad5151ccc94');
  await t.rejects(none, { name: 'ProblemError', code: 'not-found' });
});

t.test('every schema of the API has its type by name', async (t) => {
  const { components } = JSON.parse(await readFile('openapi/openapi.json', 'utf8'));
  const types = await readFile('packages/client/src/types.ts', 'utf8');
  const names = Object.keys(components.schemas);
  t.ok(names.length > 20);
  for (const name of names) t.match(types, `export type ${name} = Schemas['${name}'];`);
});

t.test('a list is gone through to its end', async (t) => {
  const ids: string[] = [];
  for await (const { id } of eachItem(client, '/v1/avatars', { params: { query: { limit: 2 } } })) ids.push(id);
  const { data: page } = await client.GET('/v1/avatars', { params: { query: { limit: 100, include: 'total' } } });
  t.same(
    ids,
    page.data.map(({ id }) => id),
  );
  t.equal(ids.length, page.total);
});

t.test('a webhook of ours is verified and typed; one that was tampered with is refused', async (t) => {
  const receiver = await startReceiver(t);
  const { data: endpoint } = await client.POST('/v1/webhook-endpoints', { body: { url: receiver.url } });
  await client.POST('/v1/webhook-endpoints/{id}/ping', { params: { path: { id: endpoint.id } } });
  const arrival = await until('the webhook', () =>
    receiver.arrivals.find(({ message }) => message.type === 'endpoint.ping'),
  );
  const { headers, text } = arrival;
  const event = verifyWebhook(text, headers, endpoint.secret);
  if (event.type !== 'endpoint.ping') return t.fail('it is another event');
  t.equal(event.data.endpoint_id, endpoint.id);
  t.equal(event.id, headers['webhook-id']);
  const asFetchHasThem = new Headers(
    Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  t.same(verifyWebhook(Buffer.from(text), asFetchHasThem, endpoint.secret), event);

  const refused = { name: 'WebhookVerificationError' };
  const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  t.throws(() => verifyWebhook(text.replace('ping', 'pong'), headers, endpoint.secret), refused);
  t.throws(() => verifyWebhook(text, headers, other), refused);
  t.throws(() => verifyWebhook(text, { ...headers, 'webhook-id': 'another' }, endpoint.secret), refused);
  t.throws(() => verifyWebhook(text, { ...headers, 'webhook-timestamp': '1700000000' }, endpoint.secret), refused);
  t.throws(() => verifyWebhook(text, {}, endpoint.secret), refused);
  await client.DELETE('/v1/webhook-endpoints/{id}', { params: { path: { id: endpoint.id } } });
});

t.test('a training is waited for while the service stops and starts', async (t) => {
  const id = await runningTraining();
  const waiting = waitForTraining(client, id, { pollMs: 500 });
  await until('its stream is open', () => proxy.passed.some(({ path }) => path.includes(`training_id=${id}`)));
  await app.close();
  await sandbox.clock.advance(600);
  app = await buildApp(service.config, { log: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  await app.listen({ host: '127.0.0.1', port: Number(new URL(service.url).port) });
  t.match(await waiting, { id, status: 'succeeded' });
});
