import { eq } from 'drizzle-orm';
import { t } from '../support/tap.ts';
import { avatars, trainings } from '../../src/platform/db/schema.ts';
import { form } from '../features/photos/form.ts';
import { startApp } from '../support/app.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { tokenFor } from '../support/callers.ts';
import { jpeg } from '../../lab/ground/pictures.ts';

const avatarOf = (userId: string) => ({ user_id: userId, name: 'A', gender: 'other', training_type: 'style' });

t.test('a user has no more avatars than allowed, however many are made at once', async (t) => {
  const { app, call, makeUser } = await startApp(t, { environment: { MAX_AVATARS_PER_USER: '3' } });
  const user = await makeUser();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => call('POST', '/v1/avatars', { json: avatarOf(user.id) })),
  );
  const refused = answers.filter(({ status }) => status !== 201);
  t.equal(refused.length, 7);
  for (const { body } of refused)
    t.match(body, { status: 409, code: 'quota-exceeded', maximum: 3, detail: /3 avatars/ });
  t.equal(await app.db.$count(avatars, eq(avatars.user_id, user.id)), 3);
  await call('DELETE', `/v1/avatars/${answers.find(({ status }) => status === 201)?.body.id}`);
  t.equal((await call('POST', '/v1/avatars', { json: avatarOf(user.id) })).status, 201, 'there is room again');
  const other = await makeUser();
  t.equal((await call('POST', '/v1/avatars', { json: avatarOf(other.id) })).status, 201, 'others are not concerned');
});

t.test('a user has no more photos and bytes than allowed, in all avatars together', async (t) => {
  const bytes = (await jpeg({ seed: 1 })).length;
  const { call, makeUser } = await startApp(t, {
    environment: { MAX_PHOTOS_PER_USER: '3', MAX_PHOTO_BYTES_PER_USER: String(bytes * 20) },
  });
  const user = await makeUser();
  const make = async () => (await call('POST', '/v1/avatars', { json: avatarOf(user.id) })).body.id;
  const [one, two] = [await make(), await make()];
  const add = async (avatar: string, count: number) =>
    call('POST', `/v1/avatars/${avatar}/photos`, {
      body: form(...(await Promise.all(Array.from({ length: count }, () => jpeg())))),
    });
  const first = (await add(one, 2)).body.accepted;
  t.equal(first.length, 2);
  const both = await Promise.all([add(two, 2), add(one, 2)]);
  const accepted = both.flatMap(({ body }) => body.accepted ?? []);
  t.equal(accepted.length, 1, 'whichever comes first');
  const rejected = both.flatMap(({ body }) => body.rejected);
  t.same(new Set(rejected.map(({ code }: { code: string }) => code)), new Set(['quota-exceeded']));

  // A photo has to fit as it is sent and as it is stored.
  const most = Math.max(bytes, first[0].photo_metadata.stored_size);
  const small = await startApp(t, { environment: { MAX_PHOTO_BYTES_PER_USER: String(Math.round(most * 1.2)) } });
  const avatar = await small.makeAvatar();
  const { body } = await small.call('POST', `/v1/avatars/${avatar.id}/photos`, {
    body: form(await jpeg({ seed: 1 }), await jpeg({ seed: 2 })),
  });
  t.equal(body.accepted.length, 1);
  t.match(body.rejected, [{ code: 'quota-exceeded' }]);
});

t.test('the queue is bounded, in all and for each user, and nothing is charged', async (t) => {
  // Nothing is let in, so that the queue stays as it is.
  const { app, call } = await startApp(t, {
    role: 'api',
    environment: { MAX_QUEUED_TRAININGS: '3', MAX_QUEUED_TRAININGS_PER_USER: '2' },
  });
  const ready = () => arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const arranged = await Promise.all([ready(), ready(), ready()]);
  const first = arranged[0];
  if (!first) throw new Error('nothing was arranged');
  // Three avatars of one user.
  for (const { avatarId } of arranged) {
    await app.db.update(avatars).set({ user_id: first.userId }).where(eq(avatars.id, avatarId));
  }
  const start = (avatarId: string) => call('POST', `/v1/avatars/${avatarId}/trainings`, { json: { steps: 20 } });
  const own = await Promise.all(arranged.map(({ avatarId }) => start(avatarId)));
  const full = own.filter(({ status }) => status !== 202);
  t.equal(full.length, 1);
  t.match(full[0]?.body, { status: 429, code: 'queue-full', maximum: 2, detail: /nothing is charged/ });
  t.equal(full[0]?.headers.get('retry-after'), '60');

  const others = await Promise.all([ready(), ready(), ready()]);
  const rest = await Promise.all(others.map(({ avatarId }) => start(avatarId)));
  t.equal(rest.filter(({ status }) => status === 202).length, 1);
  t.equal(rest.filter(({ body }) => body.code === 'queue-full' && body.maximum === 3).length, 2);
  t.equal(await app.db.$count(trainings), 3);
});

t.test('a key and each user have limits of their own, and are told how near they are', async (t) => {
  const service = await startApp(t, {
    environment: { RATE_LIMIT_PER_MINUTE: '12', RATE_LIMIT_PER_USER_PER_MINUTE: '3' },
  });
  const { call, makeUser } = service;
  const [ada, bea] = [await makeUser(), await makeUser()];
  const [first, second] = [await tokenFor(service, ada.id), await tokenFor(service, ada.id)];
  const read = (authorization: string) => call('GET', '/v1/avatars', { headers: { authorization } });
  const answers = [await read(first), await read(second), await read(first)];
  t.same(
    answers.map(({ status, headers }) => [status, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]),
    [
      [200, '3', '2'],
      [200, '3', '1'],
      [200, '3', '0'],
    ],
    'two tokens of one user count together',
  );
  const limited = await read(second);
  t.match(limited.body, { status: 429, code: 'rate-limited' });
  t.ok(Number(limited.headers.get('retry-after')) > 0);
  t.equal((await read(await tokenFor(service, bea.id))).status, 200, 'another user is not concerned');
  // Two users, three tokens, and these.
  for (let count = 5; count < 12; count += 1) t.equal((await call('GET', '/v1/trainers')).status, 200);
  t.equal((await call('GET', '/v1/trainers')).status, 429);
});

t.test('whoever guesses keys or paths is limited by address, whatever they send', async (t) => {
  const { url } = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: '4' } });
  const guess = async (path: string, index: number) =>
    (await fetch(url + path, { headers: { authorization: `Bearer lk_${path.length}${index}` } })).status;
  const statuses: number[] = [];
  for (let index = 0; index < 6; index += 1) statuses.push(await guess(index % 2 ? '/v1/avatars' : '/nowhere', index));
  t.same(statuses, [404, 401, 404, 401, 429, 429]);
});
