import { signedLoraUrl } from '../../../src/features/loras/link.ts';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerPolls } from '../../support/service.ts';
import { addressOf, filesOf, loraUploads, trained } from './story.ts';

const service = await startApp(t, { environment: { ...eagerPolls, LORA_LINKS: 'signed', RATE_LIMIT_PER_MINUTE: '8' } });
const { app, sandbox } = service;
const days = 86_400_000;
const statusOf = async (url: string) => (await fetch(url)).status;

t.test('with LORA_LINKS=signed fal fetches our copy, and nothing is uploaded', async (t) => {
  // Long-lived at fal, and not used all the same.
  const training = await trained(service, 90 * 86_400);
  const { lora } = training.artifacts ?? {};
  const url = await addressOf(app, training);
  t.match(new URL(url), { origin: service.url, pathname: `/loras/${training.id}/lora.safetensors` });
  const answer = await fetch(url);
  t.match([answer.status, answer.headers.get('etag')], [200, `"${lora?.sha256}"`]);
  t.equal((await answer.bytes()).byteLength, lora?.size);
  t.same([loraUploads(service), await filesOf(service, training)], [[], []]);

  const changed: [RegExp | string, string][] = [
    [/expires=\d+/, 'expires=4000000000'],
    [training.id, '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55'],
    [/signature=.{5}/, 'signature=aaaaa'],
  ];
  for (const [from, to] of changed) t.equal(await statusOf(url.replace(from, to)), 404, `${from}`);
  t.equal(await statusOf(url.replace(/&signature=.*/, '')), 400);
  const passed = signedLoraUrl(app, training.id, Date.now() - 30 * days);
  t.equal(await statusOf(passed), 404, 'it ends');

  t.equal((await service.call('DELETE', `/v1/avatars/${training.avatar_id}`)).status, 204);
  t.equal(await statusOf(url), 409, 'the link ends with the avatar');
  await t.rejects(addressOf(app, training.avatar_id === null ? training : { ...training, avatar_id: null }), {
    code: 'lora-unavailable',
  });
});

t.test('a link stays equal for a week, and lives for a week and the start timeout at least', async (t) => {
  const id = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
  const monday = Date.UTC(2026, 10, 30);
  const at = (ms: number, neededMs = app.config.loras.neededMs) =>
    signedLoraUrl({ ...app, config: { ...app.config, loras: { ...app.config.loras, neededMs } } }, id, monday + ms);
  const expiryOf = (url: string) => Number(new URL(url).searchParams.get('expires')) * 1000 - monday;
  t.equal(at(1), at(7 * days), 'from one Monday to the next');
  t.not(at(7 * days), at(7 * days + 1));
  t.same([expiryOf(at(0)), expiryOf(at(1)), expiryOf(at(1, 20 * days))], [7 * days, 14 * days, 21 * days]);
  t.equal(sandbox.files.uploads().length > 0, true, 'archives are uploaded as ever');
});

t.test('who guesses links takes them from nobody', async (t) => {
  const training = await trained(service);
  const url = await addressOf(app, training);
  const guesses: number[] = [];
  for (let count = 0; count < 10; count += 1)
    guesses.push(await statusOf(url.replace(/signature=.{5}/, 'signature=bbbbb')));
  t.equal(guesses.at(-1), 429);
  t.equal(await statusOf(url), 200, 'the link counts by itself');
});
