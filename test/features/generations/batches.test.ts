import { eq } from 'drizzle-orm';
import { generations } from '../../../src/platform/db/schema.ts';
import { startApp } from '../../support/app.ts';
import { keyWith, tokenFor } from '../../support/callers.ts';
import { eagerChecks } from '../../support/service.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { followGeneration, trained } from './story.ts';

const environment = {
  ...eagerChecks,
  MAX_QUEUED_GENERATIONS_PER_USER: '20',
  MAX_IMAGES_PER_USER: '60',
  MAX_SUBMISSIONS_PER_USER_PER_DAY: '1000',
};
const app = await startApp(t, { environment, sandbox: { settings: { concurrency: 100 } } });
const { call, sandbox, database } = app;
const { avatarId, userId } = await trained(app, { trainingType: 'portrait' });
const path = `/v1/avatars/${avatarId}/batches`;

const start = (json: object, more: object = {}) =>
  call('POST', path, { json, headers: { 'idempotency-key': crypto.randomUUID(), ...more } });
const read = async (id: string) => (await call('GET', `/v1/batches/${id}`)).body;
const ended = (id: string) => until('the end of the batch', async () => (await read(id)).status === 'ended', 20_000);
const partsOf = (id: string) =>
  app.app.db.select().from(generations).where(eq(generations.batch_id, id)).orderBy(generations.id);

async function endsOf(id: string): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query(
    `select data, user_id, avatar_id from events where batch_id = $1 and type = 'batch.ended'`,
    [id],
  );
  return rows;
}

async function finish(id: string): Promise<void> {
  for (const part of await partsOf(id)) {
    await sandbox.queue.complete(await followGeneration(app, part.id).job());
  }
  await ended(id);
}

await call('PUT', '/v1/packs/secret', {
  json: {
    title: 'Secret',
    items: [
      { name: 'sea', prompt: '{subject} at sea', num_images: 2, aspect_ratio: '3:4' },
      { name: 'snow', prompt: '{subject} in the snow', preset: 'fast' },
    ],
  },
});

t.test('a batch of a pack has one price, one end, and the counts of what became of it', async (t) => {
  const plan = await start({ pack: 'secret', dry_run: true });
  t.equal(plan.status, 200);
  t.match(plan.body, { dry_run: true, num_generations: 2, num_images: 3, estimated_cost_usd: 0.105, pack: 'secret' });
  t.match(plan.body.generations, [
    { pack_item: 'sea', final_prompt: 'ohwx woman at sea', width: 864, num_images: 2, estimated_cost_usd: 0.07 },
    { pack_item: 'snow', preset: 'fast', aspect_ratio: '1:1', num_images: 1 },
  ]);
  t.equal(await app.app.db.$count(generations), 0, 'a dry run writes nothing');
  const started = await start({ pack: 'secret' });
  t.equal(started.status, 202);
  const { id } = started.body;
  t.equal(started.headers.get('location'), `/v1/batches/${id}`);
  t.match(started.body, { status: 'running', num_generations: 2, num_images: 3, estimated_cost_usd: 0.105 });
  t.equal(started.body.generations.queued, 2);
  const [first, second] = await partsOf(id);
  t.match([first?.pack_item, second?.pack_item], ['sea', 'snow'], 'in the order of the pack');
  await finish(id);
  const body = await read(id);
  t.match(body, { status: 'ended', generations: { succeeded: 2, failed: 0 }, charged_cost_usd: 0.105 });
  t.same(body.images, { ok: 3, flagged: 0, lost: 0 });
  const ends = await endsOf(id);
  t.equal(ends.length, 1);
  t.match(ends[0], {
    user_id: userId,
    avatar_id: avatarId,
    data: {
      pack: 'secret',
      generations: { succeeded: 2, failed: 0, cancelled: 0 },
      images: body.images,
      charged_cost_usd: 0.105,
      uncertain_cost_usd: 0,
      sandbox: true,
    },
  });
  const { rows } = await database.pool.query('select type from events where batch_id = $1 order by id desc limit 2', [
    id,
  ]);
  t.same(
    rows.map(({ type }) => type),
    ['batch.ended', 'generation.succeeded'],
    'after the last end',
  );
});

t.test('the prompts of a pack that is not public are not for user tokens', async (t) => {
  const token = { authorization: await tokenFor(app, userId) };
  const sea = { pack: 'secret', pack_item: 'sea' };
  const own = await call('POST', `/v1/avatars/${avatarId}/generations`, { json: sea });
  t.equal(own.status, 202);
  t.match(own.body, { ...sea, prompt: '{subject} at sea', num_images: 2, aspect_ratio: '3:4' });
  const told = async (id: string) => (await call('GET', `/v1/generations/${id}`, { headers: token })).body;
  t.match(await told(own.body.id), { ...sea, prompt: null, final_prompt: null });
  const listed = await call('GET', '/v1/generations?pack=secret', { headers: token });
  t.equal(listed.body.data.length, 3);
  t.notMatch(JSON.stringify(listed.body), /at sea|in the snow/);
  t.equal((await call('GET', '/v1/generations?pack=other', { headers: token })).body.data.length, 0);
  for (const json of [{}, { dry_run: true }]) {
    const repeat = await call('POST', `/v1/generations/${own.body.id}/repeat`, { json, headers: token });
    t.match([repeat.status, repeat.body.prompt, repeat.body.final_prompt], [json.dry_run ? 200 : 202, null, null]);
  }
  for (const dry_run of [true, false]) {
    const named = await call('POST', `/v1/avatars/${avatarId}/generations`, {
      json: { ...sea, dry_run },
      headers: token,
    });
    t.match(named.body, { status: 404, detail: 'There is no such pack.' });
    const batch = await call('POST', path, { json: { pack: 'secret', dry_run }, headers: token });
    t.match(batch.body, { status: 404, detail: 'There is no such pack.' });
  }
  const pack = (await call('GET', '/v1/packs/secret')).body;
  await call('PUT', '/v1/packs/secret', { json: { title: pack.title, items: pack.items, public: true } });
  t.equal((await told(own.body.id)).prompt, '{subject} at sea', 'of a public one they are');
  await call('DELETE', '/v1/packs/secret');
  t.equal((await told(own.body.id)).prompt, null, 'nor of one that is gone');
  for (const row of (await call('GET', '/v1/generations?pack=secret&limit=100')).body.data) {
    if (row.ended_at !== null) continue;
    await sandbox.queue.complete(await followGeneration(app, row.id).job());
    await followGeneration(app, row.id).is('succeeded');
  }
});

t.test('what the safety checker hides is counted, and paid', async (t) => {
  const { body } = await start({ prompts: ['sandbox-nsfw', 'at sea'], num_images: 2 });
  await finish(body.id);
  const [end] = await endsOf(body.id);
  t.match(end?.['data'], {
    pack: null,
    generations: { succeeded: 1, failed: 1, cancelled: 0 },
    images: { ok: 2, flagged: 2, lost: 0 },
    estimated_cost_usd: 0.14,
    charged_cost_usd: 0.14,
  });
});

t.test('what a batch or a generation is made from is one thing, and faults name the prompt', async (t) => {
  const at = `/v1/avatars/${avatarId}/generations`;
  const cases: [path: string, json: object, status: number, code: string, field: string | undefined][] = [
    [at, {}, 400, 'invalid-request', '/'],
    [at, { num_images: 2 }, 400, 'invalid-request', '/prompt'],
    [at, { prompt: 'a', pack: 'b', pack_item: 'c' }, 400, 'invalid-request', '/prompt'],
    [at, { pack: 'b' }, 400, 'invalid-request', '/pack_item'],
    [at, { pack_item: 'b' }, 400, 'invalid-request', '/prompt'],
    [at, { pack: 'none', pack_item: 'b' }, 404, 'not-found', undefined],
    [path, {}, 400, 'invalid-request', '/'],
    [path, { num_images: 2 }, 400, 'invalid-request', '/prompts'],
    [path, { prompts: ['a'], pack: 'b' }, 400, 'invalid-request', '/prompts'],
    [path, { prompts: [] }, 400, 'invalid-request', '/prompts'],
    [path, { prompts: ['a', 7] }, 400, 'invalid-request', '/prompts/1'],
    [path, { prompts: ['a'], prompt: 'b' }, 400, 'invalid-request', '/prompt'],
    [path, { pack: 'none' }, 404, 'not-found', undefined],
    [path, { prompts: ['a', 'b {hat}'] }, 422, 'prompt-placeholder', '/prompts/1'],
    [path, { prompts: ['a', ' '] }, 422, 'invalid-setting', '/prompts/1'],
    [path, { prompts: ['a'], steps: 99 }, 422, 'invalid-setting', '/steps'],
    [path, { prompts: Array(26).fill('a'), num_images: 4 }, 422, 'invalid-setting', '/num_images'],
  ];
  const before = await app.app.db.$count(generations);
  for (const [where, json, status, code, field] of cases) {
    const { body } = await call('POST', where, { json });
    t.match({ ...body, field: body.errors?.[0]?.field }, { status, code, field }, JSON.stringify(json).slice(0, 60));
  }
  t.equal(await app.app.db.$count(generations), before);
});

t.test('a batch is admitted as a whole or not at all', async (t) => {
  const before = await app.app.db.$count(generations);
  const many = (count: number) => ({ prompts: Array.from({ length: count }, (_, index) => `a ${index}`) });
  t.match((await start(many(21))).body, {
    status: 429,
    code: 'queue-full',
    detail:
      /0 generations of this user wait for their turn, 21 more are asked for, and no more than 20 may: .* fewer at once/,
  });
  t.match((await start({ ...many(20), num_images: 4 })).body, {
    status: 409,
    code: 'quota-exceeded',
    detail: /80 more are asked for/,
  });
  t.equal(await app.app.db.$count(generations), before, 'none of them');
  t.equal((await database.pool.query('select from batches where generations > 2')).rowCount, 0);
});

t.test('a batch that is asked for twice is one: by its key, and without one while it runs', async (t) => {
  const headers = { 'idempotency-key': 'batch-1' };
  const json = { prompts: ['in red', 'in blue'] };
  const first = await call('POST', path, { json, headers });
  const replayed = await call('POST', path, { json, headers });
  t.equal(replayed.body.id, first.body.id);
  t.match((await call('POST', path, { json: { prompts: ['x'] }, headers })).body, { code: 'idempotency-mismatch' });
  const answers = await Promise.all([1, 2, 3].map(() => call('POST', path, { json: { prompts: ['in green'] } })));
  t.same(answers.map(({ status }) => String(status)).sort(), ['202', '409', '409']);
  const made = answers.find(({ status }) => status === 202)?.body;
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 'duplicate-generation', batch_id: made.id });
  await finish(first.body.id);
  await finish(made.id);
});

t.test('lists of batches', async (t) => {
  const all = (await call('GET', `/v1/batches?user_id=${userId}&limit=2&include=total`)).body;
  t.equal(all.total, 4);
  t.equal(all.data.length, 2);
  const rest = (await call('GET', `/v1/batches?user_id=${userId}&limit=2&cursor=${all.next_cursor}`)).body;
  t.match(rest, { data: [{ pack: null }, { pack: 'secret' }], next_cursor: null });
  t.equal((await call('GET', `/v1/batches?avatar_id=${avatarId}`)).body.data.length, 4);
  const other = await tokenFor(app, (await app.makeUser()).id);
  t.equal((await call('GET', '/v1/batches', { headers: { authorization: other } })).body.data.length, 0);
  const weak = await keyWith(app, ['avatars:read']);
  t.match((await call('POST', path, { json: { prompts: ['a'] }, headers: { authorization: weak } })).body, {
    code: 'missing-scope',
    scope: 'generations:write',
  });
});
