import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { tokenFor } from '../../support/callers.ts';
import { describedApi } from '../../support/contract.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { until } from '../../support/until.ts';
import { form } from '../../features/photos/form.ts';
import { type Repeat, repeats } from './repeats.ts';

const service = await startApp(t, { environment: { RETENTION_INTERVAL_SECONDS: '0.1' } });
const { app, call, database, url, key, makeUser, makeAvatar } = service;
const person = () => ({ external_id: crypto.randomUUID(), first_name: 'Ada' });

/** Sends a request with an Idempotency-Key and gives the answer to the byte. */
async function send(name: string, { path, json, files }: Omit<Repeat, 'kept'>, authorization = `Bearer ${key}`) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      authorization,
      'idempotency-key': name,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(files && { body: form(...files) }),
  });
  const text = await answer.text();
  const headers = Object.fromEntries(
    ['content-type', 'location', 'etag'].map((header) => [header, answer.headers.get(header)]),
  );
  const replayed = answer.headers.get('idempotency-replayed');
  return {
    status: answer.status,
    text,
    headers,
    replayed,
    body: JSON.parse(text),
    retry: answer.headers.get('retry-after'),
  };
}

const calls = repeats(service);
const posts = describedApi(app).operations.filter(({ method, path }) => method === 'POST' && path.startsWith('/v1/'));

t.test('every POST of the API is listed in repeats.ts', async (t) => {
  t.same(Object.keys(calls).sort(), posts.map(({ operationId }) => operationId).sort());
});

for (const [operation, prepare] of Object.entries(calls)) {
  t.test(`${operation} has one effect, however often it is sent`, async (t) => {
    const repeat = await prepare();
    const name = crypto.randomUUID();
    const first = await send(name, repeat);
    t.ok(first.status < 300, `${first.status} ${first.text}`);
    t.equal(first.replayed, null);
    // Paid jobs go on by themselves, and what they tell is no effect of the repeat.
    const rows = async () =>
      (await database.pool.query(`select id from events where type !~ '^(training|generation|batch)[.]'`)).rows.length;
    const before = await rows();
    const again = await send(name, repeat);
    t.equal(await rows(), before, 'nothing happened');
    if (repeat.kept) {
      t.equal(again.replayed, 'true');
      t.same({ ...again, replayed: null }, first, 'the same to the byte');
    } else {
      t.match({ status: again.status, code: again.body.code }, { status: 409, code: 'idempotency-secret' });
      const kept = await database.pool.query('select body from idempotency_keys where key = $1', [name]);
      t.same(kept.rows, [{ body: null }], 'the secret is kept nowhere');
      if (first.headers['location']) t.equal(again.body.location, first.headers['location']);
    }
  });
}

t.test('another request under the same key is refused', async (t) => {
  const [json, name] = [person(), crypto.randomUUID()];
  const first = await send(name, { path: '/v1/users', json });
  const other = await send(name, { path: '/v1/users', json: { ...json, first_name: 'Bea' } });
  t.match(other.body, { status: 422, code: 'idempotency-mismatch', detail: /with another body/ });
  const elsewhere = await send(name, {
    path: '/v1/avatars',
    json: {
      ...json,
      user_id: first.body.id,
      name: 'A',
      gender: 'other',
      training_type: 'style',
      first_name: undefined,
      external_id: undefined,
    },
  });
  t.match(elsewhere.body, { status: 422, code: 'idempotency-mismatch', detail: /for POST \/v1\/users:/ });
  const { external_id, first_name } = json;
  const reordered = await send(name, { path: '/v1/users', json: { first_name, external_id } });
  t.equal(reordered.replayed, 'true', 'the order of the members says nothing');
});

t.test('a key belongs to its caller; to it a rotated key and another token are the same', async (t) => {
  const [json, name] = [person(), crypto.randomUUID()];
  const path = '/v1/users';
  const made = await call('POST', '/v1/keys', { json: { name: 'a', scopes: ['avatars:write', 'avatars:read'] } });
  const first = await send(name, { path, json }, `Bearer ${made.body.key}`);
  t.equal((await send(name, { path, json })).status, 200, 'another key finds the user, and is told so');
  const rotated = await call('POST', `/v1/keys/${made.body.id}/rotate`);
  const again = await send(name, { path, json }, `Bearer ${rotated.body.key}`);
  t.match(again, { status: 201, replayed: 'true', text: first.text });

  const avatar = { user_id: first.body.id, name: 'A', gender: 'other', training_type: 'style' };
  const one = await send(name, { path: '/v1/avatars', json: avatar }, await tokenFor(service, first.body.id));
  t.equal(one.status, 201);
  const two = await send(
    name,
    { path: '/v1/avatars', json: avatar },
    await tokenFor(service, first.body.id, ['avatars:write']),
  );
  t.match(two, { replayed: 'true', text: one.text });
});

t.test('what was refused is not kept', async (t) => {
  const { avatarId } = await arrangeAvatar(app, { photos: 3, trainingType: 'style' });
  const name = crypto.randomUUID();
  const start = { path: `/v1/avatars/${avatarId}/trainings`, json: { steps: 20 } };
  t.match((await send(name, start)).body, { code: 'too-few-photos' });
  await call('POST', `/v1/avatars/${avatarId}/photos`, { body: form(await jpeg()) });
  t.match(await send(name, start), { status: 202, replayed: null });

  const bad = { path: `/v1/avatars/${(await makeAvatar()).id}/photos`, files: [Buffer.from('no picture')] };
  t.match((await send(name + 1, bad)).body, { code: 'photos-rejected' });
  t.match(await send(name + 1, { ...bad, files: [await jpeg()] }), { status: 201, replayed: null });
});

t.test('while the first is running a second is told to wait, and does not', async (t) => {
  const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from avatars where id = $1 for update', [avatarId]);
  const name = crypto.randomUUID();
  const start = { path: `/v1/avatars/${avatarId}/trainings`, json: { steps: 20 } };
  const first = send(name, start);
  await until('the first waits for the avatar', async () => (await waiting()).length > 0);
  t.match(await send(name, start), { status: 409, retry: '1', body: { code: 'idempotency-in-progress' } });
  await holder.query('rollback');
  holder.release();
  const { status, text } = await first;
  t.equal(status, 202);
  t.match(await send(name, start), { replayed: 'true', text });
});

t.test('a crash in the middle leaves no effect and the key unused', async (t) => {
  const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from avatars where id = $1 for update', [avatarId]);
  const name = crypto.randomUUID();
  const start = { path: `/v1/avatars/${avatarId}/trainings`, json: { steps: 20 } };
  const first = send(name, start);
  const [backend] = await until('the first waits for the avatar', async () => {
    const found = await waiting();
    return found.length > 0 ? found : undefined;
  });
  await database.pool.query('select pg_terminate_backend($1)', [backend]);
  t.match((await first).body, { status: 503, code: 'database-unavailable' });
  await holder.query('rollback');
  holder.release();
  t.equal((await call('GET', `/v1/avatars/${avatarId}/trainings?include=total`)).body.total, 0);
  t.match(await send(name, start), { status: 202, replayed: null });
});

async function waiting(): Promise<number[]> {
  const { rows } = await database.pool.query(
    `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%"avatars"%'`,
  );
  return rows.map(({ pid }) => pid);
}

t.test('photos that are sent again are not added again', async (t) => {
  const avatar = await makeAvatar();
  const files = [await jpeg(), await jpeg()];
  const upload = { path: `/v1/avatars/${avatar.id}/photos`, files };
  const name = crypto.randomUUID();
  const both = await Promise.all([send(name, upload), send(name, upload)]);
  for (const { status, body } of both) {
    t.ok(status === 201 || body.code === 'idempotency-in-progress', `${status}`);
  }
  const [first] = both.filter(({ status, replayed }) => status === 201 && replayed === null);
  t.equal(both.filter(({ replayed, status }) => status === 201 && replayed === null).length, 1);
  t.equal((await call('GET', `/v1/avatars/${avatar.id}`)).body.photos_count, 2);
  await call('DELETE', `/v1/avatars/${avatar.id}/photos/${first?.body.accepted[0].id}`);
  t.match(await send(name, upload), { status: 201, replayed: 'true', text: first?.text }, 'whatever happened since');
  t.equal((await call('GET', `/v1/avatars/${avatar.id}`)).body.photos_count, 1);
  const other = await send(name, { ...upload, files: [await jpeg()] });
  t.match(other.body, { status: 422, code: 'idempotency-mismatch' });
});

t.test('a key is a string, quoted or not', async (t) => {
  const json = person();
  const name = crypto.randomUUID();
  t.equal((await send(`"${name}"`, { path: '/v1/users', json })).replayed, null);
  t.equal((await send(name, { path: '/v1/users', json })).replayed, 'true');
  for (const bad of ['""', 'x'.repeat(256)]) {
    t.match(
      (await send(bad, { path: '/v1/users', json })).body,
      { status: 400, code: 'invalid-request' },
      bad.slice(0, 3),
    );
  }
});

t.test('an answer is kept for a day, and then pruned', async (t) => {
  const user = await makeUser();
  const json = { user_id: user.id, name: 'A', gender: 'other', training_type: 'style' };
  const name = crypto.randomUUID();
  const first = await send(name, { path: '/v1/avatars', json });
  const row = () =>
    database.pool.query('select expires_at - created_at as kept from idempotency_keys where key = $1', [name]);
  t.match((await row()).rows, [{ kept: { days: 1 } }]);
  await database.pool.query(`update idempotency_keys set expires_at = now() where key = $1`, [name]);
  const later = await send(name, { path: '/v1/avatars', json });
  t.match(later, { status: 201, replayed: null });
  t.not(later.body.id, first.body.id);
  await database.pool.query(`update idempotency_keys set expires_at = now() - interval '1 second' where key = $1`, [
    name,
  ]);
  await until('the answer is pruned', async () => (await row()).rows.length === 0);
});

/** Sends it again when the service has more to do than it can, as a client does. */
async function sendUntilServed(...request: Parameters<typeof send>): ReturnType<typeof send> {
  return until('an answer that is no 503', async () => {
    const answer = await send(...request);
    return answer.status !== 503 && answer;
  });
}

t.test('a thousand at once start one training: under one key, and under a thousand', async (t) => {
  const many = <T>(make: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 1000 }, (_, index) => make(index)));
  const ready = async () => (await arrangeAvatar(app, { photos: 4, trainingType: 'style' })).avatarId;
  const json = { steps: 20 };

  const one = await ready();
  const name = crypto.randomUUID();
  const same = await many(() => sendUntilServed(name, { path: `/v1/avatars/${one}/trainings`, json }));
  const made = same.filter(({ status, replayed }) => status === 202 && replayed === null);
  t.equal(made.length, 1);
  const odd = same.filter(
    ({ status, replayed, text, body }) =>
      !(status === 202 && (replayed === null || text === made[0]?.text)) && body.code !== 'idempotency-in-progress',
  );
  t.same(odd, [], 'the others get its answer, or are told to wait');
  t.equal((await call('GET', `/v1/avatars/${one}/trainings?include=total`)).body.total, 1);

  const two = await ready();
  const different = await many((index) =>
    sendUntilServed(`${name} ${index}`, { path: `/v1/avatars/${two}/trainings`, json }),
  );
  const started = different.filter(({ status }) => status === 202);
  t.equal(started.length, 1);
  const id = started[0]?.body.id;
  const refused = different.filter(
    ({ status, body }) => status === 409 && body.code === 'training-running' && body.training_id === id,
  );
  t.equal(refused.length, 999, 'and each refusal names it');
});
