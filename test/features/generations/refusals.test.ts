import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { begin, follow } from '../trainings/story.ts';
import { generate, trained } from './story.ts';

const app = await startApp(t, { sandbox: { settings: { concurrency: 20 } } });
const { call, sandbox, database } = app;
const { avatarId, userId, training } = await trained(app, { trainingType: 'portrait' });
const path = `/v1/avatars/${avatarId}/generations`;
const ask = (json: Record<string, unknown>, at = path) => call('POST', at, { json: { prompt: 'at the sea', ...json } });

t.test('a dry run says what would be sent and what it costs, and writes nothing', async (t) => {
  const { status, body } = await ask({ dry_run: true, num_images: 4, aspect_ratio: '21:9' });
  t.equal(status, 200);
  t.match(body, {
    dry_run: true,
    avatar_id: avatarId,
    training_id: training.id,
    final_prompt: 'ohwx woman, at the sea',
    seed: null,
    width: 1456,
    height: 624,
    estimated_cost_usd: 0.14,
    warnings: [],
  });
  const { rows } = await database.pool.query('select count(*)::int as count from generations');
  t.equal(rows[0].count, 0);
});

t.test('bad input is refused by name before anything is written', async (t) => {
  const cases: [Record<string, unknown>, number, string, string][] = [
    [{ prompt: '' }, 422, 'invalid-setting', '/prompt'],
    [{ prompt: '\u3000 ' }, 422, 'invalid-setting', '/prompt'],
    [{ prompt: 'a\nb' }, 422, 'invalid-setting', '/prompt'],
    [{ prompt: 'x'.repeat(2001) }, 422, 'prompt-too-long', '/prompt'],
    [{ prompt: 'a {colour} car' }, 422, 'prompt-placeholder', '/prompt'],
    [{ num_images: 0 }, 422, 'invalid-setting', '/num_images'],
    [{ num_images: 5 }, 422, 'invalid-setting', '/num_images'],
    [{ seed: -1 }, 422, 'invalid-setting', '/seed'],
    [{ seed: 4294967296 }, 422, 'invalid-setting', '/seed'],
    [{ steps: 51 }, 422, 'invalid-setting', '/steps'],
    [{ width: 1000, height: 1000 }, 422, 'invalid-setting', '/width'],
    [{ width: 512 }, 422, 'invalid-setting', '/height'],
    [{ model: 'flux-pro-finetuned' }, 422, 'model-retired', '/model'],
    [{ model: 'dall-e' }, 422, 'invalid-setting', '/model'],
    [{ seed: 1.5 }, 400, 'invalid-request', '/seed'],
    [{ aspect_ratio: '7:3' }, 400, 'invalid-request', '/aspect_ratio'],
    [{ output_format: 'webp' }, 400, 'invalid-request', '/output_format'],
    [{ negative_prompt: 'blurry' }, 400, 'invalid-request', '/negative_prompt'],
    [{ loras: [] }, 400, 'invalid-request', '/loras'],
    [{ training_id: 'x' }, 400, 'invalid-request', '/training_id'],
  ];
  for (const [json, status, code, field] of cases) {
    const answer = await ask(json);
    t.equal(answer.status, status, JSON.stringify(json));
    t.equal(answer.body.code, code, JSON.stringify(answer.body));
    t.equal(answer.body.errors?.[0]?.field, field, JSON.stringify(answer.body));
  }
  t.match((await ask({ width: 1000, height: 1000 })).body.detail, '992 and 1008');
  t.match((await ask({ prompt: 'x'.repeat(2001) })).body.detail, '2001');
  const { rows } = await database.pool.query('select count(*)::int as count from generations');
  t.equal(rows[0].count, 0);
});

t.test('what fal would pass over is told with the generation', async (t) => {
  const { body } = await ask({ prompt: 'на велосипеде, ohwx и Ohwx', dry_run: true });
  t.same(
    body.warnings.map(({ code }: { code: string }) => code),
    ['prompt-unreadable', 'trigger-twice'],
  );
});

t.test('only a LoRA of the avatar itself is used', async (t) => {
  const other = await trained(app);
  t.match(await ask({ training_id: other.training.id }), { status: 404, body: { code: 'not-found' } });
  t.match(await ask({ training_id: crypto.randomUUID() }), { status: 404 });
  t.match(await ask({}, `/v1/avatars/${crypto.randomUUID()}/generations`), { status: 404 });
  // As an erasure leaves it.
  await database.pool.query(
    `update trainings set artifacts = jsonb_set(artifacts, '{lora,storage_key}', '""') where id = $1`,
    [other.training.id],
  );
  t.match(await ask({}, `/v1/avatars/${other.avatarId}/generations`), {
    status: 409,
    body: { code: 'lora-unavailable' },
  });
});

t.test('an avatar without a trained LoRA is refused with the reason', async (t) => {
  const story = await begin(app);
  const at = `/v1/avatars/${story.avatarId}/generations`;
  t.match(await ask({}, at), { status: 409, body: { code: 'avatar-not-trained', training_id: story.id } });
  await call('POST', `/v1/trainings/${story.id}/cancel`);
  const bare = (await app.makeAvatar()).id;
  t.match(await ask({}, `/v1/avatars/${bare}/generations`), {
    status: 409,
    body: { code: 'avatar-not-trained', training_id: null, avatar_status: 'draft' },
  });
  await database.pool.query(`update avatars set training_completed_at = now() where id = $1`, [bare]);
  t.match(await ask({}, `/v1/avatars/${bare}/generations`), { status: 409, body: { code: 'lora-unavailable' } });
});

t.test('the LoRA and the phrase are those of the training that is named', async (t) => {
  const json = { steps: 20, trigger_phrase: 'second' };
  const again = await call('POST', `/v1/avatars/${avatarId}/trainings`, { json });
  t.equal(again.status, 202);
  const running = await ask({ dry_run: true });
  t.match(running.body, { training_id: training.id, final_prompt: 'ohwx woman, at the sea' }, 'while another one runs');
  const story = follow(app, again.body.id, avatarId);
  await sandbox.queue.complete(await story.job());
  const second = await story.is('succeeded', 20_000);
  t.match((await ask({ dry_run: true })).body, {
    training_id: second.id,
    final_prompt: 'second woman, at the sea',
    lora_sha256: second.artifacts?.lora.sha256,
    warnings: [],
  });
  t.match((await ask({ dry_run: true, training_id: training.id })).body, {
    training_id: training.id,
    final_prompt: 'ohwx woman, at the sea',
    lora_sha256: training.artifacts?.lora.sha256,
    warnings: [{ code: 'newer-training' }],
  });
});

t.test('nothing is begun for a blocked user, nor by a token without the scope', async (t) => {
  await call('PATCH', `/v1/users/${userId}`, { json: { is_blocked: true } });
  t.match(await ask({}), { status: 403, body: { code: 'user-blocked' } });
  t.match(await ask({ dry_run: true }), { status: 403, body: { code: 'user-blocked' } });
  await call('PATCH', `/v1/users/${userId}`, { json: { is_blocked: false } });
  const token = await call('POST', `/v1/users/${userId}/tokens`, {
    json: { scopes: ['avatars:read', 'avatars:write'] },
  });
  const headers = { authorization: `Bearer ${token.body.token}` };
  const refused = await call('POST', path, { json: { prompt: 'x' }, headers });
  t.match(refused, { status: 403, body: { code: 'missing-scope' } });
  const full = await call('POST', `/v1/users/${userId}/tokens`, { json: {} });
  const own = { authorization: `Bearer ${full.body.token}` };
  const dry = await call('POST', path, { json: { prompt: 'x', dry_run: true }, headers: own });
  t.equal(dry.status, 200, JSON.stringify(dry.body));
  const high = await call('POST', path, { json: { prompt: 'x', fal_priority: 'high' }, headers: own });
  t.match(high, { status: 403, body: { code: 'key-needed' } });
});

t.test('a list is narrowed by its filters, counts what it has, and leaves out what was deleted', async (t) => {
  const first = await generate(app, avatarId, { prompt: 'one' });
  const second = await generate(app, avatarId, { prompt: 'two' });
  await call('POST', `/v1/generations/${first.id}/cancel`);
  await first
    .when('its end', ({ ended_at }) => ended_at !== null)
    .catch(async () => {
      await sandbox.clock.advance(1);
      return first.is('cancelled');
    });
  const ids = async (query: string) => {
    const { body } = await call('GET', `/v1/generations?${query}`);
    return body.data.map(({ id }: { id: string }) => id);
  };
  t.same(await ids(`avatar_id=${avatarId}`), [second.id, first.id]);
  t.same(await ids(`user_id=${userId}&status=cancelled`), [first.id]);
  t.same(await ids(`pack=none`), []);
  const page = await call('GET', `${path}?limit=1&include=total`);
  t.match(page.body, { total: 2, data: [{ id: second.id }] });
  const next = await call('GET', `${path}?limit=1&cursor=${page.body.next_cursor}`);
  t.match(next.body, { data: [{ id: first.id }], next_cursor: null });
  t.match(await call('DELETE', `/v1/generations/${second.id}`), { status: 409, body: { code: 'invalid-state' } });
  t.equal((await call('DELETE', `/v1/generations/${first.id}`)).status, 204);
  t.equal((await call('DELETE', `/v1/generations/${first.id}`)).status, 204, 'again');
  t.same(await ids(`user_id=${userId}`), [second.id]);
  t.same(await ids(`user_id=${userId}&erased=true`), [first.id]);
  const bill = await call('GET', `/v1/generations/${first.id}`);
  t.match(bill.body, { prompt: null, final_prompt: null, charged: 'no', estimated_cost_usd: 0.035, images: [] });
  t.ok(bill.body.erased_at);
  t.match(await call('POST', `/v1/generations/${first.id}/repeat`, { json: {} }), {
    status: 409,
    body: { code: 'invalid-state' },
  });
  t.match(await call('DELETE', `/v1/avatars/${avatarId}`), {
    status: 409,
    body: { code: 'generation-running', generation_id: second.id },
  });
});
