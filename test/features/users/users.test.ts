import { and, eq } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { events, users } from '../../../src/platform/db/schema.ts';
import { startApp } from '../../support/app.ts';

const { app, call, makeUser, makeAvatar } = await startApp(t);
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';

async function typesFor(userId: string): Promise<string[]> {
  const rows = await app.db.select().from(events).where(eq(events.user_id, userId)).orderBy(events.id);
  return rows.map(({ type }) => type);
}

t.test('a user is made once and found again by either id', async (t) => {
  const made = await call('POST', '/v1/users', { json: { telegram_id: '100007919', first_name: 'Иван' } });
  t.equal(made.status, 201);
  t.equal(made.headers.get('location'), `/v1/users/${made.body.id}`);
  t.match(made.body, {
    telegram_id: '100007919',
    external_id: null,
    first_name: 'Иван',
    last_name: null,
    language_code: 'en',
    is_premium: false,
    is_bot: false,
    is_blocked: false,
    main_avatar_id: null,
  });

  const found = await call('POST', '/v1/users', { json: { telegram_id: '100007919', is_premium: true } });
  t.equal(found.status, 200);
  t.match(
    found.body,
    { id: made.body.id, first_name: 'Иван', is_premium: true },
    'what is given is stored, the rest stays',
  );
  t.ok(found.body.updated_at > made.body.updated_at);

  const linked = await call('POST', '/v1/users', { json: { telegram_id: '100007919', external_id: 'customer 1' } });
  t.equal(linked.status, 200);
  t.match((await call('POST', '/v1/users', { json: { external_id: 'customer 1' } })).body, linked.body);
  t.same((await call('GET', `/v1/users/${made.body.id}`)).body, linked.body);
  t.same(
    await typesFor(made.body.id),
    ['user.created', 'user.updated', 'user.updated'],
    'a find without news says nothing',
  );
});

t.test('many that make the same user at once make one', async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => call('POST', '/v1/users', { json: { external_id: 'crowd', telegram_id: '12' } })),
  );
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ status }) => status === 200).length, 11);
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
});

t.test('two ids of two users, and another id than the stored one, are conflicts', async (t) => {
  const one = await makeUser({ external_id: 'one' });
  await makeUser({ external_id: 'two', telegram_id: '222' });
  const both = await call('POST', '/v1/users', { json: { external_id: 'one', telegram_id: '222' } });
  t.match(both, { status: 409, body: { code: 'user-exists', detail: /two different users/ } });
  const other = await call('POST', '/v1/users', { json: { external_id: 'three', telegram_id: '222' } });
  t.match(other, { status: 409, body: { code: 'user-exists', errors: [{ field: '/external_id' }] } });
  const taken = await call('PATCH', `/v1/users/${one.id}`, { json: { telegram_id: '222' } });
  t.match(taken, { status: 409, body: { code: 'user-exists', errors: [{ field: '/telegram_id' }] } });
  t.match((await call('GET', `/v1/users/${one.id}`)).body, { telegram_id: null });
});

t.test('a merge patch changes what it names', async (t) => {
  const user = await makeUser({ last_name: 'Lovelace', username: 'ada', timezone: 'UTC+5' });
  const patched = await call('PATCH', `/v1/users/${user.id}`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ last_name: null, first_name: 'Ada' }),
  });
  t.equal(patched.status, 200);
  t.match(patched.body, { last_name: null, first_name: 'Ada', username: 'ada', timezone: 'UTC+5' });
  const none = await call('PATCH', `/v1/users/${user.id}`, { json: { external_id: null } });
  t.match(none, { status: 400, body: { code: 'invalid-request', detail: /external_id or telegram_id/ } });
  t.match(await call('PATCH', `/v1/users/${user.id}`, { json: { external_id: null, telegram_id: '77' } }), {
    status: 200,
    body: { external_id: null, telegram_id: '77' },
  });
});

t.test('bodies of another form are refused with the field at fault', async (t) => {
  const cases: [unknown, RegExp][] = [
    [{}, /at least one/],
    [{ telegram_id: 5 }, /\/telegram_id must be a text/],
    ...['1 2', '+7', '-7', '07', '0', '1e3', '٣', '７', '7.0', ' 7', '', '9223372036854775808', '1'.repeat(20)].map(
      (id): [unknown, RegExp] => [{ telegram_id: id }, /\/telegram_id must/],
    ),
    [{ external_id: '' }, /\/external_id/],
    [{ external_id: '   ' }, /\/external_id/],
    [{ external_id: 'a\u0000b' }, /\/external_id/],
    [{ external_id: 'x'.repeat(256) }, /255/],
    [{ external_id: 'a', first_name: 'x'.repeat(65) }, /64/],
    [{ external_id: 'a', first_name: null }, /\/first_name/],
    [{ external_id: 'a', is_premium: 'yes' }, /\/is_premium must be true or false/],
    [{ external_id: 'a', coins: 5 }, /\/coins is not a member this route knows/],
    [[], /object/],
  ];
  for (const [json, words] of cases) {
    const answer = await call('POST', '/v1/users', { json });
    t.match(
      answer,
      { status: 400, body: { code: 'invalid-request', detail: words } },
      JSON.stringify(json).slice(0, 60),
    );
  }
  const count = await app.db.$count(users, eq(users.external_id, 'a'));
  t.equal(count, 0, 'nothing was written');
  t.match(await call('GET', '/v1/users/not-an-id'), { status: 400, body: { code: 'invalid-request' } });
  t.match(await call('POST', '/v1/users', { headers: { 'content-type': 'text/plain' }, body: 'x' }), {
    status: 415,
    body: { code: 'unsupported-media-type' },
  });
});

t.test('a user that is not there is 404 everywhere', async (t) => {
  const cases: [string, string, unknown?][] = [
    ['GET', `/v1/users/${nobody}`],
    ['PATCH', `/v1/users/${nobody}`, { first_name: 'x' }],
    ['DELETE', `/v1/users/${nobody}`],
    ['PUT', `/v1/users/${nobody}/main-avatar`, { avatar_id: nobody }],
    ['DELETE', `/v1/users/${nobody}/main-avatar`],
  ];
  for (const [method, path, json] of cases) {
    t.match(await call(method, path, { json }), { status: 404, body: { code: 'not-found' } }, `${method} ${path}`);
  }
});

t.test('a user has one main avatar at most, and it is their own', async (t) => {
  const user = await makeUser();
  const [first, second] = [await makeAvatar({ user_id: user.id }), await makeAvatar({ user_id: user.id })];
  const others = await makeAvatar();
  const path = `/v1/users/${user.id}/main-avatar`;
  t.match(await call('PUT', path, { json: { avatar_id: first.id } }), {
    status: 200,
    body: { main_avatar_id: first.id },
  });
  t.match((await call('GET', `/v1/avatars/${first.id}`)).body, { is_main: true });
  t.match(await call('PUT', path, { json: { avatar_id: second.id } }), { status: 200 });
  t.match((await call('GET', `/v1/avatars/${first.id}`)).body, { is_main: false });
  t.match(await call('PUT', path, { json: { avatar_id: others.id } }), { status: 404, body: { code: 'not-found' } });
  t.match((await call('GET', `/v1/users/${user.id}`)).body, { main_avatar_id: second.id });
  t.equal((await call('DELETE', `/v1/avatars/${second.id}`)).status, 204);
  t.match((await call('GET', `/v1/users/${user.id}`)).body, { main_avatar_id: null }, 'gone with the avatar');
  await call('PUT', path, { json: { avatar_id: first.id } });
  t.equal((await call('DELETE', path)).status, 204);
  t.equal((await call('DELETE', path)).status, 204, 'and again');
  t.match((await call('GET', `/v1/users/${user.id}`)).body, { main_avatar_id: null });
});

t.test('a deleted user is gone, with their avatars', async (t) => {
  const user = await makeUser({ external_id: 'leaving' });
  const avatar = await makeAvatar({ user_id: user.id });
  await call('PUT', `/v1/users/${user.id}/main-avatar`, { json: { avatar_id: avatar.id } });
  t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 204);
  t.equal((await call('GET', `/v1/users/${user.id}`)).status, 404);
  t.equal((await call('GET', `/v1/avatars/${avatar.id}`)).status, 404);
  t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 404);
  t.same((await typesFor(user.id)).slice(-2), ['avatar.deleted', 'user.deleted']);
  t.equal((await makeUser({ external_id: 'leaving' })).external_id, 'leaving', 'the id is free again');
});

t.test('a user whom a foreign table names is emptied instead, and gone for the API', async (t) => {
  await app.pool.query('create table user_balances (user_id uuid not null references users (id), coins float)');
  t.teardown(() => app.pool.query('drop table user_balances'));
  const user = await makeUser({ external_id: 'owing', telegram_id: '9', first_name: 'Ada', username: 'ada' });
  const avatar = await makeAvatar({ user_id: user.id });
  await app.pool.query('insert into user_balances values ($1, 5)', [user.id]);
  t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 204);
  t.equal((await call('GET', `/v1/users/${user.id}`)).status, 404);
  t.equal((await call('GET', `/v1/avatars/${avatar.id}`)).status, 404);
  t.equal((await call('PATCH', `/v1/users/${user.id}`, { json: { external_id: 'back' } })).status, 404);
  const json = { user_id: user.id, name: 'x', gender: 'other', training_type: 'style' };
  t.equal((await call('POST', '/v1/avatars', { json })).status, 404, 'nobody gets anything new');
  const [row] = await app.db.select().from(users).where(eq(users.id, user.id));
  t.match(row, { external_id: null, telegram_id: null, first_name: '', username: null });
  const again = await makeUser({ external_id: 'owing' });
  t.not(again.id, user.id);
});

t.test('a user whose avatar a foreign table names stays whole', async (t) => {
  await app.pool.query('create table image_generations (avatar_id uuid not null references avatars (id))');
  t.teardown(() => app.pool.query('drop table image_generations'));
  const avatar = await makeAvatar();
  await app.pool.query('insert into image_generations values ($1)', [avatar.id]);
  for (const path of [`/v1/users/${avatar.user_id}`, `/v1/avatars/${avatar.id}`]) {
    const refused = await call('DELETE', path);
    t.match(refused, { status: 409, body: { code: 'in-use', table: 'image_generations' } });
    t.equal((await call('GET', path)).status, 200);
  }
  const gone = await app.db.$count(events, and(eq(events.avatar_id, avatar.id), eq(events.type, 'avatar.deleted')));
  t.equal(gone, 0);
});

t.test('one external id is one user, however its characters are composed, in older rows too', async (t) => {
  const [composed, apart] = ['Zo\u00e9', 'Zoe\u0301'];
  const made = await call('POST', '/v1/users', { json: { external_id: apart } });
  t.match(made, { status: 201, body: { external_id: composed } });
  for (const id of [composed, apart, ` ${apart} `]) {
    t.match(await call('POST', '/v1/users', { json: { external_id: id } }), {
      status: 200,
      body: { id: made.body.id },
    });
  }
  const other = await makeUser({ external_id: 'other' });
  const taken = await call('PATCH', `/v1/users/${other.id}`, { json: { external_id: apart } });
  t.match(taken, { status: 409, body: { code: 'user-exists' } });

  const [old, older] = ['A\u030angstro\u0308m', '\u00c5ngstr\u00f6m'];
  const row = await makeUser({ external_id: 'row' });
  await app.db.update(users).set({ external_id: old }).where(eq(users.id, row.id));
  for (const id of [old, older]) {
    const found = await call('POST', '/v1/users', { json: { external_id: id, first_name: 'Anders' } });
    t.match(found, { status: 200, body: { id: row.id, external_id: old } }, 'what is stored stays');
  }
  t.equal((await call('PATCH', `/v1/users/${other.id}`, { json: { external_id: older } })).status, 409);
  t.equal((await call('PATCH', `/v1/users/${row.id}`, { json: { external_id: older } })).status, 200, 'its own');
  const twin = await makeUser({ external_id: 'twin' });
  await app.db.update(users).set({ external_id: older }).where(eq(users.id, twin.id));
  t.equal((await call('POST', '/v1/users', { json: { external_id: old } })).body.id, row.id, 'each by its own way');
  t.equal((await call('POST', '/v1/users', { json: { external_id: older } })).body.id, twin.id);
});
