import { eq, getTableColumns, sql } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { findAvatar } from '../../../src/features/avatars/store.ts';
import { adoptedArtifacts, avatarPhotos, avatars, events, trainings, users } from '../../../src/platform/db/schema.ts';
import { projectAvatar } from '../../../src/features/trainings/project.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { insertRow, trainingRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';

const { app, call, makeUser, makeAvatar } = await startApp(t);
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
const hidden = ['photo_key', 'preview_key'];
const unlimited = ['training_logs', 'fal_response_data'];
const added = ['artifact_verified', 'sandbox', 'latest_training_id', 'is_main', 'has_preview'];

async function storedAvatar(id: string) {
  const [row] = await app.db.select().from(avatars).where(eq(avatars.id, id));
  return row;
}

/** Puts a training beside an avatar; `changes` as the table has them. */
async function addTraining(avatar: { id: string; user_id: string }, changes: Record<string, unknown> = {}) {
  const row = trainingRow(avatar.user_id, avatar.id, changes);
  await insertRow(app.pool, 'trainings', row);
  return String(row['id']);
}

const artifact = (key: string, url: string) => ({
  url,
  storage_key: key,
  size: 1,
  sha256: 'a'.repeat(64),
  content_type: 'application/octet-stream',
});
const ended = { ended_at: '2026-01-02T03:04:05Z', charged: 'yes' };
const succeeded = {
  status: 'succeeded',
  submission_id: nobody,
  fal_input: {},
  fal_request_id: 'r1',
  ...ended,
};

t.test('an avatar is made as a draft, with every column said', async (t) => {
  const user = await makeUser();
  const json = { user_id: user.id, name: '  Анна 李 ', gender: 'female', training_type: 'style' };
  const made = await call('POST', '/v1/avatars', { json });
  t.equal(made.status, 201);
  t.equal(made.headers.get('location'), `/v1/avatars/${made.body.id}`);
  t.match(made.body, {
    user_id: user.id,
    name: 'Анна 李',
    gender: 'female',
    avatar_type: 'character',
    training_type: 'style',
    status: 'draft',
    is_draft: true,
    trigger_word: 'TOK',
    photos_count: 0,
    training_progress: 0,
    steps: null,
    create_masks: null,
    artifact_verified: false,
    sandbox: true,
    latest_training_id: null,
    is_main: false,
    has_preview: false,
  });
  const columns = Object.keys(getTableColumns(avatars));
  t.equal(columns.length, 42);
  t.same(
    Object.keys(made.body).toSorted(),
    [...columns.filter((name) => !hidden.includes(name)), ...added].toSorted(),
    'the columns, without the storage keys',
  );
  const read = await call('GET', `/v1/avatars/${made.body.id}`);
  t.same(read.body, made.body);
  t.equal(read.headers.get('etag'), made.headers.get('etag'));
  t.match(read.body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const [event] = await app.db.select().from(events).where(eq(events.avatar_id, made.body.id));
  t.match(event, { type: 'avatar.created', user_id: user.id, data: { status: 'draft', training_type: 'style' } });
});

t.test('a body of another form is refused with the field at fault', async (t) => {
  const good = { user_id: (await makeUser()).id, name: 'A', gender: 'male', training_type: 'portrait' };
  const { name: _name, ...nameless } = good;
  const { training_type: _type, ...typeless } = good;
  const cases: [unknown, RegExp][] = [
    [nameless, /\/name is missing/],
    [typeless, /\/training_type is missing/],
    [{ ...good, name: '' }, /\/name/],
    [{ ...good, name: ' \t ' }, /\/name/],
    [{ ...good, name: 'a\u0000b' }, /\/name/],
    [{ ...good, name: 'x'.repeat(101) }, /100/],
    [{ ...good, gender: 'man' }, /\/gender must be one of male, female, other/],
    [{ ...good, training_type: 'face' }, /must be one of portrait, style, object/],
    [{ ...good, avatar_type: 'x' }, /\/avatar_type/],
    [{ ...good, trigger_word: 'x'.repeat(51) }, /50/],
    [{ ...good, user_id: '5' }, /\/user_id/],
    [{ ...good, status: 'completed' }, /\/status is not a member/],
    [{ ...good, photo_key: 'x' }, /\/photo_key is not a member/],
  ];
  for (const [json, words] of cases) {
    const answer = await call('POST', '/v1/avatars', { json });
    t.match(
      answer,
      { status: 400, body: { code: 'invalid-request', detail: words } },
      JSON.stringify(json).slice(60, 160),
    );
  }
  t.match(await call('POST', '/v1/avatars', { json: { ...good, user_id: nobody } }), {
    status: 404,
    body: { code: 'not-found', detail: /user/ },
  });
  t.equal(await app.db.$count(avatars, eq(avatars.user_id, good.user_id)), 0, 'nothing was written');
  t.equal((await call('POST', '/v1/avatars', { json: { ...good, name: '😀'.repeat(100) } })).status, 201);
});

t.test('an avatar that is not there is 404', async (t) => {
  for (const [method, json] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
    t.match(
      await call(method, `/v1/avatars/${nobody}`, { json }),
      { status: 404, body: { code: 'not-found' } },
      method,
    );
  }
});

t.test('a merge patch changes what it names, and only the state that was read', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}`;
  const before = await call('GET', path);
  const etag = String(before.headers.get('etag'));

  const renamed = await call('PATCH', path, {
    json: { name: ' Eva ', fal_priority: 'high' },
    headers: { 'if-match': etag },
  });
  t.equal(renamed.status, 200);
  t.match(renamed.body, { name: 'Eva', gender: 'female', fal_priority: 'high' });
  const now = String(renamed.headers.get('etag'));
  t.not(now, etag);

  const late = await call('PATCH', path, { json: { name: 'Late' }, headers: { 'if-match': etag } });
  t.match(late, { status: 412, body: { code: 'precondition-failed' } });
  t.equal(late.headers.get('etag'), now);
  t.match((await call('GET', path)).body, { name: 'Eva' });
  t.equal((await call('DELETE', path, { headers: { 'if-match': etag } })).status, 412);
  t.equal((await call('PATCH', path, { json: { name: 'E' }, headers: { 'if-match': `"x", ${now}` } })).status, 200);
  t.equal((await call('PATCH', path, { json: { name: 'F' }, headers: { 'if-match': '*' } })).status, 200);
  const weak = String((await call('GET', path)).headers.get('etag'));
  t.equal((await call('PATCH', path, { json: { name: 'F' }, headers: { 'if-match': `W/${weak}` } })).status, 200);

  for (const json of [{ training_type: 'style' }, { status: 'ready' }, { user_id: nobody }, {}, { name: null }]) {
    t.match(
      await call('PATCH', path, { json }),
      { status: 400, body: { code: 'invalid-request' } },
      JSON.stringify(json),
    );
  }
  const changed = await app.db.select().from(events).where(eq(events.type, 'avatar.updated')).orderBy(events.id);
  t.same(
    changed.filter(({ avatar_id }) => avatar_id === avatar.id).map(({ data }) => data),
    [{ changed: ['fal_priority', 'name'] }, { changed: ['name'] }, { changed: ['name'] }],
  );
  const same = await call('PATCH', path, { json: { name: 'F' } });
  t.equal(same.headers.get('etag'), weak, 'what changes nothing changes nothing');
});

t.test('who has an avatar already is not sent it again', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}`;
  const etag = String((await call('GET', path)).headers.get('etag'));
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const fresh = await call('GET', path, { headers: { 'if-none-match': header } });
    t.match(fresh, { status: 304, body: '' }, header);
    t.equal(fresh.headers.get('etag'), etag);
  }
  await call('PUT', `/v1/users/${avatar.user_id}/main-avatar`, { json: { avatar_id: avatar.id } });
  const stale = await call('GET', path, { headers: { 'if-none-match': etag } });
  t.match(stale, { status: 200, body: { is_main: true } }, 'the main avatar is part of it');
});

t.test('an avatar shows its trainings', async (t) => {
  const avatar = await makeAvatar();
  const long = `https://v3.fal.media/files/${'x'.repeat(300)}.safetensors`;
  await addTraining(avatar, {
    ...succeeded,
    artifacts: { lora: artifact('k/lora', long), config: artifact('k/config', 'https://fal.media/c.json') },
  });
  const second = await addTraining(avatar, { attempt: 2, status: 'cancelled', ...ended, charged: 'no' });
  t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, {
    latest_training_id: second,
    artifact_verified: true,
    diffusers_lora_file_url: long,
    config_file_url: 'https://fal.media/c.json',
  });
  t.notOk(JSON.stringify((await call('GET', `/v1/avatars/${avatar.id}`)).body).includes('k/lora'), 'no storage key');
});

t.test(
  'an adopted avatar shows addresses that its own columns are too short for, until a training of ours succeeds',
  async (t) => {
    const avatar = await makeAvatar();
    await app.db.update(avatars).set({ status: 'completed', is_draft: false }).where(eq(avatars.id, avatar.id));
    const long = `https://v3.fal.media/files/${'x'.repeat(300)}.safetensors`;
    await app.db.insert(adoptedArtifacts).values({ avatar_id: avatar.id, lora_url: long, config_url: `${long}.json` });
    const shown = { diffusers_lora_file_url: long, config_file_url: `${long}.json`, artifact_verified: false };
    t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, shown);
    t.match((await call('GET', `/v1/avatars?user_id=${avatar.user_id}`)).body.data[0], shown);
    await addTraining(avatar, { status: 'cancelled', ...ended, charged: 'no' });
    await app.db.transaction(async (tx) => {
      const row = await findAvatar(tx, avatar.id);
      if (row) await projectAvatar(tx, row, new Date());
    });
    t.match(
      (await call('GET', `/v1/avatars/${avatar.id}`)).body,
      { ...shown, status: 'completed' },
      'it stays completed',
    );
    const newer = `${long}?newer`;
    await addTraining(avatar, {
      attempt: 2,
      ...succeeded,
      fal_request_id: 'r2',
      artifacts: { lora: artifact('k/lora', newer), config: artifact('k/config', newer) },
    });
    t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, {
      diffusers_lora_file_url: newer,
      config_file_url: newer,
    });
  },
);

t.test('a list is paged without gap or repeat, also when many share a microsecond', async (t) => {
  const user = await makeUser();
  const ids: string[] = [];
  for (let index = 0; index < 9; index += 1) ids.push((await makeAvatar({ user_id: user.id })).id);
  await app.db
    .update(avatars)
    .set({
      created_at: sql`'2026-01-01T00:00:00.000123Z'::timestamptz + (ascii(right(id::text, 1)) % 3) * interval '1 us'`,
    })
    .where(eq(avatars.user_id, user.id));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `user_id=${user.id}&limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const { status, body } = await call('GET', `/v1/avatars?${query}`);
    t.equal(status, 200);
    t.ok(body.data.length <= 2);
    for (const { id } of body.data) seen.push(id);
    cursor = body.next_cursor;
    if (seen.length === 4) await makeAvatar({ user_id: user.id });
  } while (cursor);
  t.same(seen.toSorted(), ids.toSorted(), 'each once; what came meanwhile is before the first page');
  const rows = await app.pool.query('select id from avatars where user_id = $1 order by created_at desc, id desc', [
    user.id,
  ]);
  t.same(seen, rows.rows.map(({ id }) => id).slice(1));
});

t.test('the main avatar comes first, and stays where it was shown when another is chosen', async (t) => {
  const user = await makeUser();
  const [oldest, middle, newest] = [
    await makeAvatar({ user_id: user.id }),
    await makeAvatar({ user_id: user.id }),
    await makeAvatar({ user_id: user.id }),
  ].map(({ id }) => id);
  const choose = (id: unknown) => call('PUT', `/v1/users/${user.id}/main-avatar`, { json: { avatar_id: id } });
  const page = async (query: string) => {
    const { body } = await call('GET', `/v1/avatars?user_id=${user.id}&${query}`);
    return { ids: body.data.map(({ id }: { id: string }) => id), cursor: encodeURIComponent(body.next_cursor ?? '') };
  };
  t.same((await page('limit=10')).ids, [newest, middle, oldest]);
  await choose(oldest);
  t.same((await page('limit=10')).ids, [oldest, newest, middle]);
  const first = await page('limit=1');
  t.same(first.ids, [oldest]);
  await choose(middle);
  const second = await page(`limit=1&cursor=${first.cursor}`);
  t.same(second.ids, [newest]);
  const third = await page(`limit=1&cursor=${second.cursor}`);
  t.same(third, { ids: [middle], cursor: '' });
  const { body } = await call('GET', `/v1/avatars?user_id=${user.id}`);
  t.same(
    body.data.map(({ is_main }: { is_main: boolean }) => is_main),
    [true, false, false],
  );
  t.same((await page('training_type=style')).ids, [], 'the filter holds for the main avatar too');
});

t.test('filters combine, and what they don’t know is refused', async (t) => {
  const user = await makeUser();
  const style = await makeAvatar({ user_id: user.id, training_type: 'style' });
  const portrait = await makeAvatar({ user_id: user.id });
  await app.db.update(avatars).set({ status: 'ready', is_draft: false }).where(eq(avatars.id, style.id));
  const ids = async (query: string) =>
    (await call('GET', `/v1/avatars?${query}`)).body.data.map(({ id }: { id: string }) => id);
  t.same(await ids(`user_id=${user.id}&training_type=style`), [style.id]);
  t.same(await ids(`user_id=${user.id}&status=draft`), [portrait.id]);
  t.same(await ids(`user_id=${user.id}&status=draft&status=ready`), [portrait.id, style.id]);
  t.same(await ids(`user_id=${user.id}&status=ready&training_type=portrait`), []);
  t.same(await ids(`user_id=${nobody}`), []);
  t.same((await ids('limit=1')).length, 1, 'without a user: the newest of all');

  const { body } = await call('GET', `/v1/avatars?user_id=${user.id}`);
  t.same(
    Object.keys(body.data[0]).toSorted(),
    Object.keys(portrait)
      .filter((name) => !unlimited.includes(name))
      .toSorted(),
    'an item is an avatar without its log and answer',
  );
  const cursor = (await call('GET', `/v1/avatars?user_id=${user.id}&limit=1`)).body.next_cursor;
  const cases: [string, string][] = [
    ['status=done', 'invalid-request'],
    ['limit=0', 'invalid-request'],
    ['limit=101', 'invalid-request'],
    ['limit=x', 'invalid-request'],
    ['user_id=5', 'invalid-request'],
    ['owner=5', 'invalid-request'],
    ['cursor=abc', 'invalid-cursor'],
    [`limit=1&cursor=${cursor}`, 'invalid-cursor'],
    [`user_id=${user.id}&status=draft&cursor=${cursor}`, 'invalid-cursor'],
    [`user_id=${user.id}&cursor=${String(cursor).slice(0, -2)}AA`, 'invalid-cursor'],
  ];
  for (const [query, code] of cases) {
    t.match(await call('GET', `/v1/avatars?${query}`), { status: 400, body: { code } }, query);
  }
  t.equal((await call('GET', `/v1/avatars?user_id=${user.id}&cursor=${cursor}`)).body.data.length, 1);
});

t.test('a deleted avatar leaves no photo and no object, and the record of its trainings', async (t) => {
  const { avatarId, userId, photoIds } = await arrangeAvatar(app, { photos: 3 });
  const keys = photoIds.map((id) => `photos/${avatarId}/${id}.jpg`);
  const more = ['legacy/photo.jpg', 'legacy/preview.jpg', 'artifacts/lora', 'artifacts/config', 'artifacts/late'];
  for (const key of more) await app.storage.putBytes(key, Buffer.from('x'), 'text/plain');
  await app.db.update(avatars).set({ photo_key: more[0], preview_key: more[1] }).where(eq(avatars.id, avatarId));
  const training = await addTraining(
    { id: avatarId, user_id: userId },
    {
      ...succeeded,
      fal_request_id: uuidv7(),
      artifacts: {
        lora: artifact('artifacts/lora', 'https://a/b'),
        config: artifact('artifacts/config', 'https://a/c'),
      },
      late_artifacts: { lora: artifact('artifacts/late', 'https://a/d') },
    },
  );
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}`)).status, 204);
  t.equal((await call('GET', `/v1/avatars/${avatarId}`)).status, 404);
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}`)).status, 404);
  t.equal(await app.db.$count(avatarPhotos, eq(avatarPhotos.avatar_id, avatarId)), 0);
  const [row] = await app.db.select().from(trainings).where(eq(trainings.id, training));
  t.match(row, { avatar_id: null, user_id: userId, status: 'succeeded' });
  for (const key of [...keys, ...more]) {
    await until(`${key} is deleted`, async () => !(await app.storage.exists(key)));
  }
  t.equal(await app.db.$count(users, eq(users.id, userId)), 1);
});

t.test('what is being trained is not deleted', async (t) => {
  const { avatarId, userId } = await arrangeAvatar(app, { photos: 1 });
  // Submitted and never looked at again, so that it stays as it is while the test goes on.
  const running = { status: 'in_progress', submission_id: nobody, fal_input: {}, fal_request_id: uuidv7() };
  const training = await addTraining({ id: avatarId, user_id: userId }, running);
  for (const path of [`/v1/avatars/${avatarId}`, `/v1/users/${userId}`]) {
    t.match(await call('DELETE', path), {
      status: 409,
      body: { code: 'training-running', training_id: training, training_status: 'in_progress', detail: /in_progress/ },
    });
  }
  t.ok(await storedAvatar(avatarId));
  t.equal(await app.db.$count(avatarPhotos, eq(avatarPhotos.avatar_id, avatarId)), 1);
});

t.test('the trainers are listed with what they take', async (t) => {
  const { status, body } = await call('GET', '/v1/trainers');
  t.equal(status, 200);
  t.same(
    body.data.map(({ name, status }: { name: string; status: string }) => `${name} ${status}`),
    ['portrait active', 'fast active', 'turbo active', 'flux-pro retired'],
  );
  t.match(body.data[0], {
    endpoint: 'fal-ai/flux-lora-portrait-trainer',
    photos: { minimum: 10, maximum: 20 },
    presets: { balanced: { steps: 2500, learning_rate: 9e-5 } },
    default_preset: 'balanced',
    settings: [{ name: 'steps', type: 'integer', minimum: 1, maximum: 10_000, default: 2500 }],
  });
  t.match(body.data[3], { photos: null, price_per_step_usd: null, retired_reason: /ended/ });
  t.match(await call('GET', '/v1/trainers?x=1'), { status: 400, body: { detail: /\/x is not a member/ } });
});

// Last, since what comes before leans on them.
t.test('an insert leans on no default of a column', async (t) => {
  const columns = Object.keys(getTableColumns(avatars));
  await app.pool.query(`alter table avatars ${columns.map((name) => `alter column ${name} drop default`).join(', ')}`);
  t.match(await makeAvatar(), { status: 'draft', lora_rank: 32, fal_mode: 'character', fal_iterations: 500 });
});
