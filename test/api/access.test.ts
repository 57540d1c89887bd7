import { randomUUID } from 'node:crypto';
import { t } from '../support/tap.ts';
import type { Scope } from '../../src/platform/http/caller.ts';
import { userScopes } from '../../src/platform/http/caller.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { startApp } from '../support/app.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { type Attack, attacks, type World } from '../support/attacks.ts';
import { keyWith, keyWithout, tokenFor } from '../support/callers.ts';
import type { Operation } from '../../lab/ground/description.ts';
import { describedApi } from '../support/contract.ts';
import { until } from '../support/until.ts';

const marks = {
  name: 'Zenobia of the hidden name',
  external_id: 'zenobia-1',
  endpoint: 'https://zenobia.example/hooks',
  prompt: 'on the hidden terrace',
};
const service = await startApp(t, {
  sandbox: { speed: 400 },
  environment: { EVENT_STREAM_HEARTBEAT_SECONDS: '0.2' },
});
const { app, call, url, database } = service;
const { operations } = describedApi(app);

const world = await arrangeWorld();
const nobody = Object.fromEntries(Object.keys(world).map((name) => [name, randomUUID()])) as World;
const stranger = await service.makeUser();
const strangersAvatar = await service.makeAvatar({ user_id: stranger.id });
const strangersToken = await tokenFor(service, stranger.id);
const ownToken = await tokenFor(service, world.user);

/** A user with every resource: a trained avatar, a draft, and what only keys can see. */
async function arrangeWorld(): Promise<World> {
  const { userId, avatarId, photoIds } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const names = { external_id: marks.external_id, first_name: marks.name };
  await call('PATCH', `/v1/users/${userId}`, { json: names });
  await call('PATCH', `/v1/avatars/${avatarId}`, { json: { name: marks.name } });
  const endpoint = await call('POST', '/v1/webhook-endpoints', { json: { url: marks.endpoint } });
  const training = await startTraining(app, avatarId, { steps: 20 });
  await until('the training has succeeded', async () => {
    const { body } = await call('GET', `/v1/trainings/${training.id}`);
    return body.status === 'succeeded';
  });
  const asked = { prompt: marks.prompt };
  const generation = await call('POST', `/v1/avatars/${avatarId}/generations`, { json: asked });
  await until('the generation has succeeded', async () => {
    const { body } = await call('GET', `/v1/generations/${generation.body.id}`);
    return body.status === 'succeeded';
  });
  const [image] = (await call('GET', `/v1/images?generation_id=${generation.body.id}`)).body.data;
  const prompts = [marks.prompt];
  const batch = await call('POST', `/v1/avatars/${avatarId}/batches`, { json: { prompts } });
  await until('the batch has ended', async () => {
    const { body } = await call('GET', `/v1/batches/${batch.body.id}`);
    return body.status === 'ended';
  });
  await service.makeAvatar({ user_id: userId, name: marks.name });
  const key = await call('POST', '/v1/keys', { json: { name: marks.name, scopes: ['avatars:read'] } });
  const items = [{ name: 'one', prompt: marks.name }];
  await call('PUT', '/v1/packs/zenobias', { json: { title: marks.name, items } });
  const deliveries = `/v1/webhook-endpoints/${endpoint.body.id}/deliveries`;
  const delivery = await until('a delivery', async () => (await call('GET', deliveries)).body.data[0]);
  return {
    user: userId,
    externalId: marks.external_id,
    avatar: avatarId,
    photo: photoIds[0] ?? '',
    training: training.id,
    generation: generation.body.id,
    batch: batch.body.id,
    pack: 'zenobias',
    image: image.id,
    key: key.body.id,
    endpoint: endpoint.body.id,
    delivery: delivery.id,
  };
}

/** All that an attack could change; what moves by itself is left out. */
async function state(): Promise<unknown> {
  const { rows } = await database.pool.query(`
    select (select json_agg(u order by id) from users u) as users,
      (select json_agg(a order by id) from avatars a) as avatars,
      (select json_agg(p order by id) from avatar_photos p) as photos,
      (select json_agg(to_jsonb(t) - 'next_check_at' - 'checks' - 'last_status_check' order by id) from trainings t) as trainings,
      (select json_agg(to_jsonb(g) - 'next_check_at' - 'checks' - 'last_status_check' order by id) from generations g) as generations,
      (select json_agg(i order by id) from generation_images i) as images,
      (select json_agg(to_jsonb(k) - 'last_used_at' order by id) from api_keys k) as keys,
      (select json_agg(to_jsonb(e) - 'failing_since' - 'last_sequence' - 'paused_until' order by id) from webhook_endpoints e) as endpoints,
      (select json_agg(p order by name) from packs p) as packs,
      (select json_agg(b order by id) from batches b) as batches,
      (select count(*) from events) as events,
      (select count(*) from idempotency_keys) as answers
  `);
  return rows[0];
}

async function attempt(operation: Operation, attack: Attack, on: World, authorization?: string) {
  const headers = { ...(authorization !== undefined && { authorization }) };
  const { method } = operation;
  const json = attack.json?.(on);
  const form = new FormData();
  form.append('photos', new Blob(['no picture']), 'me.jpg');
  const ends = new AbortController();
  const answer = await fetch(url + attack.path(on), {
    method,
    headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(attack.file && { body: form }),
    signal: ends.signal,
  });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? await beginning(answer) : await answer.text();
  if (isStream) ends.abort();
  return { status: answer.status, headers: answer.headers, text, problem: isProblem(answer) ? JSON.parse(text) : null };
}

/** What a stream says until it has shown twice that it lives. */
async function beginning({ body }: Response): Promise<string> {
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.split('\n\n').length > 3) break;
  }
  return text;
}

function isProblem({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/problem+json') ?? false;
}

/** What must never be read by another: names, and ids that the request did not bring along itself. */
function leaks(text: string, attack: Attack): string[] {
  const given = attack.path(world) + JSON.stringify(attack.json?.(world) ?? '');
  return [...Object.values(marks), ...Object.values(world)].filter(
    (mark) => text.includes(mark) && !given.includes(mark),
  );
}

function scopeOf({ security }: Operation): Scope | undefined {
  return security?.[0]?.['key']?.[0] as Scope | undefined;
}

const listed = operations.flatMap((operation) => {
  const attack = attacks[operation.operationId];
  return attack ? [{ operation, attack }] : [];
});
const guarded = listed.filter(({ attack }) => attack.outcome !== 'public');

t.test('every operation is listed in attacks.ts, and nothing else is', async (t) => {
  const names = operations.map(({ operationId }) => operationId).sort();
  t.same(Object.keys(attacks).sort(), names);
  for (const { operation, attack } of listed) {
    t.equal(scopeOf(operation) === undefined, attack.outcome === 'public', `${operation.operationId} says who may`);
  }
});

t.test('without valid credentials there is 401, and how to come back', async (t) => {
  const before = await state();
  for (const { operation, attack } of guarded) {
    const name = operation.operationId;
    for (const authorization of [undefined, 'Bearer lk_unknown', 'Bearer lut_unknown']) {
      const { status, headers, problem, text } = await attempt(operation, attack, world, authorization);
      t.equal(status, 401, `${name} with ${authorization}`);
      t.equal(problem?.code, 'unauthorized', name);
      t.match(headers.get('www-authenticate'), /^Bearer realm="likeness"/, name);
      t.same(leaks(text, attack), [], name);
    }
  }
  t.same(await state(), before, 'nothing has changed');
});

t.test('without the scope there is 403 that names it, for keys and for tokens', async (t) => {
  const without = new Map<Scope, string>();
  const tokens = new Map<Scope, string>();
  for (const { operation } of guarded) {
    const scope = scopeOf(operation) ?? 'admin';
    if (!without.has(scope)) without.set(scope, await keyWithout(service, scope));
    const held = userScopes.filter((one) => one !== scope);
    if (!tokens.has(scope)) tokens.set(scope, await tokenFor(service, world.user, held));
  }
  const before = await state();
  for (const { operation, attack } of guarded) {
    const [name, scope] = [operation.operationId, scopeOf(operation) ?? 'admin'];
    const byKey = await attempt(operation, attack, world, without.get(scope));
    t.match({ ...byKey, problem: byKey.problem }, { status: 403, problem: { code: 'missing-scope', scope } }, name);
    t.match(byKey.headers.get('www-authenticate'), `scope="${scope}"`, name);
    t.same(leaks(byKey.text, attack), [], name);
    const byToken = await attempt(operation, attack, world, tokens.get(scope));
    t.equal(byToken.status, 403, `${name} with a token of the user’s own`);
    t.match(byToken.problem?.code, /^(missing-scope|key-needed)$/, name);
  }
  t.same(await state(), before, 'nothing has changed');
});

t.test('with the token of another user there is nothing to be had, and nothing that tells it is there', async (t) => {
  const before = await state();
  for (const { operation, attack } of guarded) {
    const name = operation.operationId;
    const answer = await attempt(operation, attack, world, strangersToken);
    t.same(leaks(answer.text, attack), [], `${name} leaks nothing`);
    switch (attack.outcome) {
      case 'hidden': {
        const never = await attempt(operation, attack, nobody, strangersToken);
        t.equal(answer.status, 404, name);
        t.same(
          { ...answer.problem, request_id: '' },
          { ...never.problem, request_id: '' },
          `${name}: the same as for none`,
        );
        break;
      }
      case 'keys':
        t.match({ status: answer.status, code: answer.problem?.code }, { status: 403, code: 'key-needed' }, name);
        break;
      case 'nothing':
        t.equal(answer.status, 200, name);
        if (!attack.stream) t.match(JSON.parse(answer.text), { data: [] }, name);
        break;
      case 'operators':
        t.ok(answer.status === 404 || answer.text.startsWith('{"data":[]'), name);
        break;
      case 'everybody':
        t.equal(answer.status, 200, name);
        break;
      case 'public':
        break;
    }
  }
  t.same(await state(), before, 'nothing has changed');
});

t.test('what needs no credentials tells nothing of anybody', async (t) => {
  for (const { operation, attack } of listed.filter((one) => one.attack.outcome === 'public')) {
    const { status, text } = await attempt(operation, attack, world, strangersToken);
    t.same(leaks(text, attack), [], operation.operationId);
    const expected: Record<string, number> = {
      receiveFalWebhook: 401,
      getLinkedArtifact: 404,
      getLinkedLora: 404,
      getLinkedImage: 404,
    };
    t.equal(status, expected[operation.operationId] ?? 200, operation.operationId);
  }
});

t.test('resources of two users are not mixed in one request', async (t) => {
  const headers = { authorization: strangersToken };
  const own = `/v1/avatars/${strangersAvatar.id}`;
  const mixed: [method: string, path: string, json?: unknown][] = [
    ['GET', `${own}/photos/${world.photo}`],
    ['GET', `${own}/photos/${world.photo}/content`],
    ['DELETE', `${own}/photos/${world.photo}`],
    ['PUT', `/v1/users/${stranger.id}/main-avatar`, { avatar_id: world.avatar }],
    ['PUT', `${own}/preview`, { image_id: world.image }],
  ];
  for (const [method, path, json] of mixed) {
    const { status } = await call(method, path, { headers, ...(json !== undefined && { json }) });
    t.equal(status, 404, `${method} ${path}`);
  }
  for (const path of ['/v1/avatars', '/v1/trainings', '/v1/generations', '/v1/images', '/v1/events']) {
    const { status, body } = await call('GET', path, { headers });
    t.equal(status, 200);
    const others = body.data.filter((one: { user_id: string }) => one.user_id !== stranger.id);
    t.same(others, [], `${path} without a filter`);
  }
});

t.test('a token says nothing about who its user is', async (t) => {
  const headers = { authorization: strangersToken };
  for (const json of [
    { external_id: 'zenobia-2' },
    { telegram_id: '1' },
    { is_premium: true },
    { is_blocked: false },
  ]) {
    const { status, body } = await call('PATCH', `/v1/users/${stranger.id}`, { headers, json });
    t.match({ status, code: body.code }, { status: 403, code: 'key-needed' }, Object.keys(json)[0] ?? '');
  }
  const { status } = await call('PATCH', `/v1/users/${stranger.id}`, { headers, json: { first_name: 'Bob' } });
  t.equal(status, 200);
});

t.test('the same requests reach what is there, for its own user and for a key that may', async (t) => {
  const admin = await keyWith(service, ['admin']);
  for (const { operation, attack } of guarded.filter((one) => one.operation.method === 'GET')) {
    const name = operation.operationId;
    t.equal((await attempt(operation, attack, world, admin)).status, 200, `${name} by a key`);
    if (attack.outcome === 'keys' || attack.outcome === 'operators') continue;
    const own = await attempt(operation, attack, world, ownToken);
    t.equal(own.status, 200, `${name} by the user`);
    if (attack.outcome === 'nothing') t.match(own.text, world.user, `${name} shows what is theirs`);
  }
});
