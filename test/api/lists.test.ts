import { t } from '../support/tap.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { startApp } from '../support/app.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { tokenFor } from '../support/callers.ts';

const service = await startApp(t);
const { app, call, makeUser, makeAvatar } = service;

t.test('a list says how many items it has, by the filter that it has', async (t) => {
  const user = await makeUser();
  for (const training_type of ['style', 'style', 'portrait']) await makeAvatar({ user_id: user.id, training_type });
  const list = `/v1/avatars?user_id=${user.id}`;
  const cases: [query: string, total: number][] = [
    [list, 3],
    [`${list}&limit=1`, 3],
    [`${list}&training_type=style`, 2],
    [`${list}&training_type=style&status=draft&status=ready`, 2],
    [`${list}&status=completed`, 0],
  ];
  for (const [path, total] of cases) {
    const { body } = await call('GET', `${path}&include=total`);
    t.equal(body.total, total, path);
    t.notOk('total' in (await call('GET', path)).body, 'and only when it is asked');
  }
  const first = (await call('GET', `${list}&limit=2&include=total`)).body;
  const second = (await call('GET', `${list}&limit=2&include=total&cursor=${first.next_cursor}`)).body;
  t.equal(second.total, 3, 'the same on every page');
  t.equal((await call('GET', `${list}&include=everything`)).status, 400);

  await makeAvatar();
  const headers = { authorization: await tokenFor(service, user.id) };
  t.equal((await call('GET', '/v1/avatars?include=total', { headers })).body.total, 3, 'only what the caller reaches');
});

t.test('photos and trainings are counted too', async (t) => {
  const { avatarId, userId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  t.equal((await call('GET', `/v1/avatars/${avatarId}/photos?limit=1&include=total`)).body.total, 4);
  await startTraining(app, avatarId, { steps: 20 });
  t.equal((await call('GET', `/v1/avatars/${avatarId}/trainings?include=total`)).body.total, 1);
  t.equal((await call('GET', `/v1/trainings?user_id=${userId}&include=total`)).body.total, 1);
  t.equal((await call('GET', `/v1/trainings?user_id=${userId}&status=failed&include=total`)).body.total, 0);
});

t.test('the draft of a user is the newest avatar that nothing was trained for', async (t) => {
  const user = await makeUser();
  const path = `/v1/users/${user.id}/draft`;
  t.match((await call('GET', path)).body, { status: 404, code: 'not-found' });
  const older = await makeAvatar({ user_id: user.id });
  const newer = await makeAvatar({ user_id: user.id });
  const { body, headers } = await call('GET', path);
  t.equal(body.id, newer.id);
  t.same((await call('GET', `/v1/avatars/${newer.id}`)).body, body);
  t.ok(headers.get('etag'));
  await call('DELETE', `/v1/avatars/${newer.id}`);
  t.equal((await call('GET', path)).body.id, older.id);

  const trained = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const own = `/v1/users/${trained.userId}/draft`;
  t.equal((await call('GET', own)).body.id, trained.avatarId, 'ready is still being prepared');
  const { id } = await startTraining(app, trained.avatarId, { steps: 20 });
  t.equal((await call('GET', own)).status, 404);
  await call('POST', `/v1/trainings/${id}/cancel`);
  t.equal((await call('GET', own)).status, 404, 'nor when the training came to nothing');
  t.equal((await call('GET', `/v1/users/${crypto.randomUUID()}/draft`)).status, 404);
});

t.test('where the operator demands it, nobody changes what they have not read', async (t) => {
  const strict = await startApp(t, { environment: { REQUIRE_IF_MATCH: 'true' } });
  const avatar = await strict.makeAvatar();
  const path = `/v1/avatars/${avatar.id}`;
  for (const method of ['PATCH', 'DELETE']) {
    const json = method === 'PATCH' ? { json: { name: 'Bea' } } : {};
    t.match((await strict.call(method, path, json)).body, { status: 428, code: 'precondition-required' });
    const headers = { 'if-match': '"another"' };
    t.match((await strict.call(method, path, { headers, ...json })).body, { status: 412, code: 'precondition-failed' });
  }
  const etag = (await strict.call('GET', path)).headers.get('etag') ?? '';
  const patched = await strict.call('PATCH', path, { headers: { 'if-match': etag }, json: { name: 'Bea' } });
  t.match(patched, { status: 200, body: { name: 'Bea' } });
  const now = patched.headers.get('etag') ?? '';
  t.not(now, etag);
  t.equal((await strict.call('DELETE', path, { headers: { 'if-match': etag } })).status, 412);
  t.equal((await strict.call('DELETE', path, { headers: { 'if-match': now } })).status, 204);

  const url = 'https://bot.example.com/hooks';
  // It is told of nothing that happens here: a delivery that failed would change what was read.
  const json = { url, event_types: ['training.failed'] };
  const endpoint = await strict.call('POST', '/v1/webhook-endpoints', { json });
  const hook = `/v1/webhook-endpoints/${endpoint.body.id}`;
  t.equal((await strict.call('DELETE', hook)).status, 428, 'webhook endpoints too');
  const tag = (await strict.call('GET', hook)).headers.get('etag') ?? '';
  t.equal((await strict.call('DELETE', hook, { headers: { 'if-match': tag } })).status, 204);
});
