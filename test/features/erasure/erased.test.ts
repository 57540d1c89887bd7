import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../../support/tap.ts';
import { eraseOriginals } from '../../../src/platform/db/erase-originals.ts';
import { form } from '../photos/form.ts';
import { startApp } from '../../support/app.ts';
import { until } from '../../support/until.ts';
import { deliverTo, generate } from '../generations/story.ts';
import { follow } from '../trainings/story.ts';
import { post, resultOf, webhook } from '../inbox/deliver.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';

const app = await startApp(t, {
  environment: { POLL_FIRST_SECONDS: '60' },
  sandbox: { settings: { concurrency: 20 } },
});
const { call, sandbox, database, folder } = app;
const marker = 'QZMARKQZ';

/** Where the marker stands, as text or as bytes, in any table of any schema. */
async function found(): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
  const places: string[] = [];
  for (const { name } of rows) {
    const hit = await database.pool.query(
      `select row::text as text from ${name} as row where row::text ~ $1 or row::text ~ encode($1::bytea, 'hex') limit 1`,
      [marker],
    );
    places.push(...hit.rows.map(({ text }: { text: string }) => `${name}: ${text.slice(0, 400)}`));
  }
  return places;
}

/** What an adoption would have kept of rows whose values it replaced. */
async function plantOriginals(rows: Record<'users' | 'avatars' | 'avatar_photos', string[]>): Promise<void> {
  const { rows: acts } = await database.pool.query(`
    insert into drizzle.likeness_ledger (act, target, outcome, started_at, role, operator, details)
    values ('adopt', 'test', 'done', now(), 'test', 'test', '{}') returning id`);
  for (const [table, ids] of Object.entries(rows)) {
    await database.pool.query(
      `insert into drizzle.likeness_originals select $1, $2, id, 'name', to_jsonb($4::text) from unnest($3::text[]) id`,
      [acts[0].id, table, ids, marker],
    );
  }
}

const photosOf = async (avatar: { id: string }): Promise<string[]> =>
  (await database.pool.query('select id from avatar_photos where avatar_id = $1', [avatar.id])).rows.map(
    ({ id }) => id,
  );

const keyed = (key: string) => ({ 'idempotency-key': key });

async function person() {
  const json = { external_id: `${marker}-${crypto.randomUUID()}`, first_name: marker };
  const user = (await call('POST', '/v1/users', { json, headers: keyed(`user ${json.external_id}`) })).body;
  const fields = { user_id: user.id, name: marker, gender: 'female', training_type: 'style', trigger_word: marker };
  const avatar = (await call('POST', '/v1/avatars', { json: fields, headers: keyed(`avatar ${user.id}`) })).body;
  const pictures = await Promise.all([1, 2, 3, 4].map((seed) => jpeg({ seed })));
  const files = [
    ...pictures.map((bytes, index) => ({ name: `${marker}-${index}.jpg`, bytes })),
    { name: `${marker}.txt`, bytes: 'x' },
  ];
  const added = await call('POST', `/v1/avatars/${avatar.id}/photos`, {
    body: form(...files),
    headers: keyed(`photos ${user.id}`),
  });
  t.equal(added.status, 201, JSON.stringify(added.body));
  return { user, avatar, json };
}

async function start(avatar: { id: string }) {
  const json = { steps: 20, trigger_phrase: `${marker} person` };
  const answer = await call('POST', `/v1/avatars/${avatar.id}/trainings`, {
    json,
    headers: keyed(crypto.randomUUID()),
  });
  t.equal(answer.status, 202, JSON.stringify(answer.body));
  return follow(app, answer.body.id, avatar.id);
}

/** One that failed with fal repeating the phrase, one with a late result, and one that succeeded. */
async function trained(avatar: { id: string }) {
  const detail = [{ loc: ['body', marker], msg: `no ${marker}`, type: 'value_error', input: marker }];
  const failing = await start(avatar);
  await failing.is('in_queue');
  await post(
    await webhook(app, failing, { body: { status: 'ERROR', error: 'Invalid status code: 422', payload: { detail } } }),
  );
  await failing.is('failed');
  await post(await webhook(app, failing, { body: { payload: { ...(await resultOf(failing)), note: marker } } }));
  await failing.when('a late result', ({ late_result: result }) => result !== null);
  const good = await start(avatar);
  await sandbox.queue.complete(await good.job());
  await good.is('succeeded');
  return { failing, good };
}

/** Images that were made, images that came late, and a generation that fal refused in words that repeat the prompt. */
async function pictured(avatar: { id: string }) {
  const asked = { prompt: `${marker} at the sea` };
  const made = await generate(app, avatar.id, { ...asked, num_images: 2 });
  await sandbox.queue.complete(await made.job());
  await made.is('succeeded');
  const late = await generate(app, avatar.id, asked);
  const job = await late.job();
  const detail = [{ loc: ['body', 'prompt'], msg: `no ${marker}`, type: 'content_policy_violation', input: marker }];
  await deliverTo(app, late, { status: 'ERROR', error: 'Invalid status code: 422', payload: { detail } });
  await late.is('failed');
  await sandbox.queue.complete(job);
  await late.when('late images', ({ late_artifacts: images }) => images !== null);
  return { made, late };
}

async function objectsOf(...ids: string[]): Promise<string[]> {
  const entries = await readdir(join(folder, 'storage'), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => ids.some((id) => path.includes(id)));
}

t.test('after a user was deleted nothing of them is found in any table or in the store', async (t) => {
  const { user, avatar, json } = await person();
  const { failing, good } = await trained(avatar);
  const { made, late } = await pictured(avatar);
  t.equal((await objectsOf(made.id, late.id)).length > 2, true, 'pictures are stored');
  await plantOriginals({ users: [user.id], avatars: [avatar.id], avatar_photos: await photosOf(avatar) });
  const planted = await found();
  t.ok(planted.length > 3, 'the marker was planted');
  t.ok(
    planted.some((place) => place.startsWith('drizzle.')),
    'what an adoption replaced is looked at too',
  );
  const link = await call('POST', `/v1/trainings/${good.id}/artifacts/lora/link`, { json: {} });
  t.equal(link.status, 201);
  t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 204);
  t.strictSame(await found(), []);
  await until(
    'the objects to go',
    async () => (await objectsOf(avatar.id, good.id, failing.id, made.id, late.id)).length === 0,
  );
  t.match((await call('GET', `/v1/generations/${made.id}`)).body, {
    status: 'succeeded',
    charged: 'yes',
    prompt: null,
  });
  const training = (await call('GET', `/v1/trainings/${good.id}`)).body;
  t.match(training, { status: 'succeeded', charged: 'yes', user_id: null, avatar_id: null });
  t.ok(training.estimated_cost_usd > 0, 'what it cost stays');
  t.match(await failing.training(), { status: 'failed', archive_url: null, late_result: null, fal_input: {} });
  for (const kind of ['lora', 'config']) {
    t.match((await call('GET', `/v1/trainings/${good.id}/artifacts/${kind}`)).body, { code: 'artifact-unavailable' });
  }
  t.equal((await fetch(link.body.url)).ok, false, 'a signed link opens nothing any more');
  t.equal((await call('POST', `/v1/trainings/${failing.id}/accept-late-result`)).status, 409);
  const events = await call('GET', `/v1/events?user_id=${user.id}&limit=1000`);
  t.equal(events.status, 200, 'events keep the form of their types');
  t.ok(events.body.data.length > 5);
  const again = await call('POST', '/v1/users', { json, headers: keyed(`user ${json.external_id}`) });
  t.equal(again.status, 201);
  t.not(again.body.id, user.id, 'a repeated request is a new one');
  await call('DELETE', `/v1/users/${again.body.id}`);
});

t.test('what fal says after the deletion is counted and not kept', async (t) => {
  const { user, avatar } = await person();
  const { failing } = await trained(avatar);
  const late = await webhook(app, failing, { body: { payload: { ...(await resultOf(failing)), note: marker } } });
  t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 204);
  t.equal((await post(late)).status, 200);
  await until('its draining', async () => (await failing.webhooks()).every(({ outcome }) => outcome !== null));
  t.strictSame(await found(), []);
  t.match(await failing.training(), { status: 'failed', charged: 'yes', late_result: null, result: null });
});

t.test(
  'after a generation was deleted nothing of its prompt and pictures is found, whatever fal says later',
  async (t) => {
    const { user, avatar } = await person();
    await trained(avatar);
    const prompt = 'QZPROMPTQZ';
    const places = async () => {
      const { rows } = await database.pool.query(
        `select table_name as name from information_schema.tables where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`,
      );
      const hits: string[] = [];
      for (const { name } of rows) {
        const hit = await database.pool
          .query(
            `select 1 from (select * from public.${name}) as row where row::text ~ $1 or row::text ~ encode($1::bytea, 'hex') limit 1`,
            [prompt],
          )
          .catch(() => ({ rowCount: 0 }));
        if (hit.rowCount) hits.push(name);
      }
      return hits.sort();
    };
    const made = await generate(app, avatar.id, { prompt, num_images: 2 });
    await sandbox.queue.complete(await made.job());
    await made.is('succeeded');
    const broken = await generate(app, avatar.id, { prompt });
    const job = await broken.job();
    await deliverTo(app, broken, { status: 'ERROR', error: `Invalid status code: 422`, payload: { detail: prompt } });
    await broken.is('failed');
    t.same(await places(), ['fal_webhooks', 'generations', 'idempotency_keys'], 'where a prompt is, and nowhere else');
    for (const { id } of [made, broken]) t.equal((await call('DELETE', `/v1/generations/${id}`)).status, 204);
    await sandbox.queue.complete(job);
    await until('fal’s webhook about it', async () => {
      const { rows } = await database.pool.query('select outcome from fal_webhooks where generation_id = $1', [
        broken.id,
      ]);
      return rows.length === 2 && rows.every(({ outcome }) => outcome !== null);
    });
    t.same(await places(), []);
    await until('the objects to go', async () => (await objectsOf(made.id, broken.id)).length === 0);
    t.match(await made.row(), { charged: 'yes', prompt: null, fal_input: null, result: null });
    t.match(await broken.row(), { status: 'failed', charged: 'yes', late_result: null, late_artifacts: null });
    t.equal((await call('DELETE', `/v1/users/${user.id}`)).status, 204);
  },
);

t.test('after an avatar was deleted nothing of it is found, and its owner stays', async (t) => {
  const { user, avatar } = await person();
  await trained(avatar);
  const [photo = '', ...others] = await photosOf(avatar);
  await plantOriginals({ users: [], avatars: [avatar.id], avatar_photos: [photo, ...others] });
  t.equal((await call('DELETE', `/v1/avatars/${avatar.id}/photos/${photo}`)).status, 204);
  const left = await database.pool.query('select row_key from drizzle.likeness_originals');
  t.strictSame(new Set(left.rows.map(({ row_key: key }) => key)), new Set([avatar.id, ...others]));
  await database.pool.query('update users set first_name = $2, external_id = id::text where id = $1', [user.id, 'Ada']);
  t.equal((await call('DELETE', `/v1/avatars/${avatar.id}`)).status, 204);
  const places = (await found()).filter((place) => !place.includes('/v1/users'));
  t.strictSame(places, []);
  t.equal((await call('GET', `/v1/users/${user.id}`)).status, 200);
});

t.test(
  'a role without rights on the ledger of an adoption deletes all the same, and the log says once what stays',
  async (t) => {
    const warnings: string[] = [];
    const log = { warn: (text: string) => void warnings.push(text) };
    const undone = new Error('undone');
    const deletion = app.app.db.transaction(async (tx) => {
      await tx.execute('create role likeness_without_ledger');
      await tx.execute('set local role likeness_without_ledger');
      await eraseOriginals(tx, log, 'users', ['a']);
      await eraseOriginals(tx, log, 'avatars', ['b']);
      await tx.execute('select 1');
      throw undone;
    });
    await t.rejects(deletion, undone);
    t.match(warnings, [/likeness_originals/]);
    t.equal(warnings.length, 1);
  },
);
