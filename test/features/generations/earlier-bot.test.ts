import { createHash } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { generate, trained } from './story.ts';

/* What earlier-bot.md lists and no other test looks at. */

const app = await startApp(t, { environment: eagerChecks, sandbox: { settings: { concurrency: 20 } } });
const { call, sandbox, database, url, key } = app;
const small = { width: 256, height: 256 };

async function made(avatarId: string, json: Record<string, unknown>) {
  const generation = await generate(app, avatarId, { ...small, ...json });
  await sandbox.queue.complete(await generation.job());
  await generation.is('succeeded');
  return generation;
}

t.test(
  'all that was paid for is in the gallery, counted by it, and there when fal has none of it any more',
  async (t) => {
    const { avatarId, userId } = await trained(app);
    const { id } = await made(avatarId, { num_images: 4 });
    const { body: gallery } = await call('GET', `/v1/images?user_id=${userId}&include=total`);
    t.equal(gallery.total, 4);
    t.equal(gallery.data.length, 4);
    const { body: listed } = await call('GET', `/v1/generations?avatar_id=${avatarId}&status=succeeded&include=total`);
    const { body: avatar } = await call('GET', `/v1/avatars/${avatarId}`);
    t.equal(avatar.generations_count, listed.total, 'the counter is the list');
    t.notOk(JSON.stringify([gallery, listed]).includes('fal.media'), 'no address of fal is shown');

    const result = sandbox.queue.list().find(({ raw }) => raw.includes('at the sea'))?.outcome;
    const addresses = [...JSON.stringify(result).matchAll(/"url":"([^"]+)"/g)].map(([, address = '']) => address);
    t.equal(addresses.length, 4);
    const atFal = () =>
      Promise.all(addresses.map(async (each) => (await fetch(each.replace('https:/', sandbox.url()))).status));
    t.same(await atFal(), [200, 200, 200, 200]);
    await sandbox.clock.advance(30 * 86_400);
    t.same(await atFal(), [404, 404, 404, 404], 'fal has deleted them');
    for (const image of gallery.data) {
      const answer = await fetch(`${url}/v1/images/${image.id}/content`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      t.equal(createHash('sha256').update(bytes).digest('hex'), image.sha256);
    }

    t.equal((await call('DELETE', `/v1/avatars/${avatarId}`)).status, 204, 'images keep no avatar from being deleted');
    t.equal((await call('GET', `/v1/images?user_id=${userId}&include=total`)).body.total, 0);
    const { rows } = await database.pool.query('select avatar_id, charged, prompt from generations where id = $1', [
      id,
    ]);
    t.same(rows, [{ avatar_id: null, charged: 'yes', prompt: null }], 'the bill stays');
  },
);

t.test('a prompt is kept whole up to its limit, and refused by its length beyond it', async (t) => {
  const { avatarId } = await trained(app);
  const prompt = '🌊'.repeat(2000);
  const { id } = await made(avatarId, { prompt });
  const { body } = await call('GET', `/v1/generations/${id}`);
  t.equal(body.prompt, prompt);
  t.ok(body.final_prompt.endsWith(prompt));
  for (const length of [2001, 4001]) {
    const long = await call('POST', `/v1/avatars/${avatarId}/generations`, { json: { prompt: 'x'.repeat(length) } });
    t.match(long, { status: 422, body: { code: 'prompt-too-long', detail: new RegExp(String(length)) } });
  }
});

t.test('making images with another avatar changes no main avatar, and each end is told once', async (t) => {
  const { avatarId, userId } = await trained(app);
  const main = await app.makeAvatar({ user_id: userId });
  await call('PUT', `/v1/users/${userId}/main-avatar`, { json: { avatar_id: main.id } });
  const { id } = await made(avatarId, {});
  const { body: user } = await call('GET', `/v1/users/${userId}`);
  t.equal(user.main_avatar_id, main.id);
  const ends = async () => {
    const { rows } = await database.pool.query(
      `select type from events where generation_id = $1 and type ~ '(succeeded|failed|cancelled)$'`,
      [id],
    );
    return rows.map(({ type }) => type);
  };
  await until('its end is told', async () => (await ends()).length > 0);
  t.same(await ends(), ['generation.succeeded']);
});
