import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { deliverTo, generate, trained } from './story.ts';

const app = await startApp(t, {
  environment: { ...eagerChecks, GENERATION_POLL_FIRST_SECONDS: '0.2', GENERATION_POLL_SECONDS: '0.5' },
  sandbox: { settings: { concurrency: 20 } },
});
const { call, sandbox, database } = app;

t.test('a generation is paid once, and its images, its bill and the count of the avatar are one', async (t) => {
  const { avatarId, training } = await trained(app);
  const generation = await generate(app, avatarId, { num_images: 2, aspect_ratio: '3:4', seed: 7 });
  await sandbox.queue.complete(await generation.job());
  const row = await generation.is('succeeded');
  const { body, headers } = await call('GET', `/v1/generations/${generation.id}`);
  t.match(body, {
    avatar_id: avatarId,
    training_id: training.id,
    model: 'flux-lora',
    endpoint: 'fal-ai/flux-lora',
    status: 'succeeded',
    sandbox: true,
    prompt: 'at the sea',
    final_prompt: 'ohwx, at the sea',
    trigger: 'inserted',
    preset: 'balanced',
    aspect_ratio: '3:4',
    width: 864,
    height: 1152,
    num_images: 2,
    seed: 7,
    settings: { steps: 28, guidance_scale: 3, lora_scale: 1, output_format: 'jpeg', safety_checker: true },
    lora_sha256: training.artifacts?.lora.sha256,
    estimated_cost_usd: 0.07,
    charged: 'yes',
    billed_units: 2,
    error: null,
    images_ok: 2,
  });
  t.same(
    body.images.map(({ index, status, width, height }: Record<string, unknown>) => [index, status, width, height]),
    [
      [0, 'ok', 864, 1152],
      [1, 'ok', 864, 1152],
    ],
  );
  // What is stored is what fal got, byte for byte.
  const { rows } = await database.pool.query('select fal_input::text as text from generations where id = $1', [row.id]);
  const posts = sandbox.submissions.list().filter(({ endpoint }) => endpoint === 'fal-ai/flux-lora');
  t.same(
    posts.map(({ body: sent }) => sent),
    [rows[0].text],
  );
  const avatar = await call('GET', `/v1/avatars/${avatarId}`);
  t.equal(avatar.body.generations_count, 1);
  t.same(
    (await generation.events()).map(({ type }) => type),
    ['generation.queued', 'generation.submitted', 'generation.succeeded'],
  );
  const ended = (await generation.events()).at(-1);
  t.match(ended?.data, { status: 'succeeded', charged: 'yes', sandbox: true, num_images: 2 });
  t.same(
    (ended?.data['images'] as { id: string; status: string }[] | undefined)?.map(({ id, status }) => [id, status]),
    body.images.map(({ id, status }: Record<string, unknown>) => [id, status]),
  );
  t.notOk(JSON.stringify(await generation.events()).includes('at the sea'), 'no event holds the prompt');
  const etag = headers.get('etag') ?? '';
  const again = await call('GET', `/v1/generations/${generation.id}`, { headers: { 'if-none-match': etag } });
  t.equal(again.status, 304);
});

t.test('the seed is always sent, and a repeat has another one unless it asks for the same', async (t) => {
  const { avatarId } = await trained(app);
  const first = await generate(app, avatarId, { prompt: 'in red', num_images: 1, aspect_ratio: '16:9', steps: 11 });
  await sandbox.queue.complete(await first.job());
  const { seed, fal_input } = await first.is('succeeded');
  t.equal(fal_input?.['seed'], seed);
  const path = `/v1/generations/${first.id}/repeat`;
  const other = await call('POST', path, { json: {} });
  t.equal(other.status, 202);
  t.match(other.body, { repeat_of: first.id, prompt: 'in red', aspect_ratio: '16:9', settings: { steps: 11 } });
  t.not(other.body.seed, seed);
  t.equal(other.headers.get('location'), `/v1/generations/${other.body.id}`);
  const same = await call('POST', path, {
    json: { seed: 'same', num_images: 2, preset: 'fast', width: 512, height: 256 },
  });
  t.match(same.body, { seed, num_images: 2, preset: 'fast', aspect_ratio: null, width: 512, height: 256 });
  t.match(same.body.settings, { steps: 20, guidance_scale: 3 }, 'the preset decides what it names');
  const tap = await call('POST', path, { json: {} });
  t.match(tap, { status: 409, body: { code: 'duplicate-generation', generation_id: other.body.id } });
  const dry = await call('POST', path, { json: { dry_run: true, seed: 5 } });
  t.match(dry, { status: 200, body: { dry_run: true, seed: 5, prompt: 'in red' } });
  for (const { body } of [other, same]) await call('POST', `/v1/generations/${body.id}/cancel`);
});

t.test('two taps without a key are one job; with keys of their own they are two', async (t) => {
  const { avatarId } = await trained(app);
  const path = `/v1/avatars/${avatarId}/generations`;
  const json = { prompt: 'two taps' };
  const taps = await Promise.all([1, 2, 3].map(() => call('POST', path, { json })));
  t.same(
    taps.map(({ status }) => status).sort((a, b) => a - b),
    [202, 409, 409],
  );
  const made = taps.find(({ status }) => status === 202)?.body;
  for (const { status, body } of taps) {
    if (status === 409) t.match(body, { code: 'duplicate-generation', generation_id: made.id });
  }
  const keyed = await Promise.all(
    [1, 2].map((key) => call('POST', path, { json, headers: { 'idempotency-key': `${avatarId} ${key}` } })),
  );
  t.same(
    keyed.map(({ status }) => status),
    [202, 202],
  );
  const replay = await call('POST', path, { json, headers: { 'idempotency-key': `${avatarId} 1` } });
  t.equal(replay.body.id, keyed[0]?.body.id);
  for (const { body } of [{ body: made }, ...keyed]) await call('POST', `/v1/generations/${body.id}/cancel`);
});

t.test('all images flagged is a failure that was paid; some flagged are rows without a picture', async (t) => {
  const { avatarId } = await trained(app);
  const all = await generate(app, avatarId, { prompt: 'sandbox-nsfw', num_images: 2 });
  await sandbox.queue.complete(await all.job());
  const failed = await all.is('failed');
  t.match(failed, { charged: 'yes', images_ok: 0, error: { code: 'all-images-flagged', retryable: true } });
  const [last] = (await all.events()).slice(-1);
  t.match(last, { type: 'generation.failed', data: { charged: 'yes', error: { code: 'all-images-flagged' } } });
  t.notOk(JSON.stringify(last).includes('sandbox-nsfw'));
  const { body } = await call('GET', `/v1/avatars/${avatarId}`);
  t.equal(body.generations_count, 0, 'a failure does not count');
});

t.test('a generation that waits is cancelled free of charge, and one that has ended is not', async (t) => {
  const { avatarId } = await trained(app);
  const generation = await generate(app, avatarId);
  await generation.job();
  const asked = await call('POST', `/v1/generations/${generation.id}/cancel`);
  t.equal(asked.status, 202);
  const job = await generation.job();
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.clock.advance(1);
  t.match(await generation.is('cancelled'), { charged: 'no', error: null });
  const done = await generate(app, avatarId);
  await sandbox.queue.complete(await done.job());
  await done.is('succeeded');
  const refused = await call('POST', `/v1/generations/${done.id}/cancel`);
  t.match(refused, { status: 409, body: { code: 'invalid-state', generation_status: 'succeeded' } });
});

t.test(
  'what fal could not fetch or use is told by its code, and the weights are taken another way next time',
  async (t) => {
    const { avatarId } = await trained(app);
    const paths: string[] = [];
    const detail = (type: string) => [
      { loc: ['body', 'loras', 0, 'path'], msg: `at the sea: ${type}`, type, input: 'x' },
    ];
    for (const [type, code, charged] of [
      ['file_download_error', 'lora-unreachable', 'no'],
      ['value_error', 'lora-refused', 'unknown'],
      ['content_policy_violation', 'content-policy', 'unknown'],
      ['no_media_generated', 'no-image', 'unknown'],
    ] as const) {
      const generation = await generate(app, avatarId);
      const { fal_input } = await generation.is('in_queue');
      paths.push((fal_input?.['loras'] as { path: string }[] | undefined)?.[0]?.path ?? '');
      const answer = await deliverTo(app, generation, {
        status: 'ERROR',
        error: 'Invalid status code: 422',
        payload: { detail: detail(type) },
      });
      t.equal(answer.status, 200);
      t.match(await generation.is('failed'), { charged, error: { code } });
      const told = (await generation.events()).at(-1);
      t.match(told, { type: 'generation.failed', data: { error: { code } } });
      t.notOk(JSON.stringify(told).includes('at the sea'), 'fal’s words are not in the event');
    }
    const [first, second, ...others] = paths;
    t.not(first, second, 'an address that fal could not reach is not given again');
    t.same(others, [second, second], 'and the one in its place stays');
  },
);

t.test('images that come too late are kept, and accepted when a client asks', async (t) => {
  const { avatarId } = await trained(app);
  const generation = await generate(app, avatarId, { num_images: 2 });
  const job = await generation.job();
  await deliverTo(app, generation, {
    status: 'ERROR',
    error: 'Invalid status code: 500',
    payload: { detail: 'broken' },
  });
  t.match(await generation.is('failed'), { charged: 'no', error: { code: 'provider-error' } });
  await sandbox.queue.complete(job);
  await generation.when('late images', ({ late_artifacts }) => late_artifacts !== null);
  const late = await call('GET', `/v1/generations/${generation.id}`);
  t.match(late.body, { status: 'failed', has_late_result: true, images: [], images_ok: 0 });
  const accepted = await call('POST', `/v1/generations/${generation.id}/accept-late-result`);
  t.match(accepted, {
    status: 200,
    body: { status: 'succeeded', charged: 'yes', images_ok: 2, has_late_result: false },
  });
  t.equal(accepted.body.images.length, 2);
  t.equal((await call('GET', `/v1/avatars/${avatarId}`)).body.generations_count, 1);
  t.match((await call('POST', `/v1/generations/${generation.id}/accept-late-result`)).status, 409);
  t.equal((await generation.events()).at(-1)?.type, 'generation.late_result_accepted');
});
