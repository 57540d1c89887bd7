import { t } from '../../support/tap.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { signToken } from '../../../src/features/keys/token.ts';
import { startApp } from '../../support/app.ts';
import { eagerPolls } from '../../support/service.ts';
import { begin } from './story.ts';

const limit = 5;
const service = await startApp(t, { environment: { ...eagerPolls, RATE_LIMIT_PER_MINUTE: '100' } });
const { app, call, sandbox } = service;
const story = await begin(service);
await sandbox.queue.complete(await story.job());
const { user_id: userId } = await story.is('succeeded');
const path = `/v1/trainings/${story.id}/artifacts/config/link`;

const link = async (key: string, expires_in = 604_800) =>
  (await call('POST', path, { headers: { authorization: `Bearer ${key}` }, json: { expires_in } })).body;
const statusOf = async (address: string) => (await fetch(address)).status;

t.test('a link lives as long as it was asked to, and no longer than what it was made with', async (t) => {
  const now = Date.now();
  const inMs = (ms: number) => new Date(now + ms);
  const { key, id: keyId } = await createKey(app, { name: 'a day', scopes: ['admin'], expiresAt: inMs(86_400_000) });
  const token = signToken(app.installation.secret, {
    keyId,
    userId: userId ?? '',
    scopes: ['avatars:read'],
    expiresAt: inMs(60_000),
  });
  const [whole, byKey, byToken] = [await link(service.key), await link(key), await link(token)];
  const lives = [whole, byKey, byToken].map(({ expires_at }) => Math.round((Date.parse(expires_at) - now) / 60_000));
  t.same(lives, [604_800 / 60, 86_400 / 60, 1]);
  for (const made of [whole, byKey, byToken]) t.equal(await statusOf(made.url), 200);
  for (const [from, to] of [
    [/expires=\d+/, 'expires=4000000000'],
    [/key=[^&]+/, `key=${(await createKey(app, { name: 'other', scopes: ['admin'] })).id}`],
    ['/config?', '/lora?'],
    [/&key=[^&]+/, ''],
  ] as const) {
    t.not(await statusOf(byKey.url.replace(from, to)), 200, `${from}`);
  }
  await call('DELETE', `/v1/keys/${keyId}`);
  t.same([await statusOf(byKey.url), await statusOf(byToken.url)], [404, 404], 'both end with the key');
  t.equal(await statusOf(whole.url), 200);
});

t.test('who guesses links takes them from nobody, from whatever address', async (t) => {
  const own = await startApp(t, { environment: { ...eagerPolls, RATE_LIMIT_PER_MINUTE: String(limit) } });
  const mine = await begin(own);
  await own.sandbox.queue.complete(await mine.job());
  await mine.is('succeeded');
  const made = await own.call('POST', `/v1/trainings/${mine.id}/artifacts/config/link`, { json: {} });
  const guesses: number[] = [];
  for (let count = 0; count < limit + 2; count += 1) {
    guesses.push(await statusOf(made.body.url.replace(/signature=.{5}/, 'signature=aaaaa')));
  }
  t.same(guesses, [...Array.from({ length: limit }, () => 404), 429, 429]);
  t.equal(await statusOf(made.body.url), 200, 'the link counts by itself');
});
