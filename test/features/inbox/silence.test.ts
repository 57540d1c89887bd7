import pino from 'pino';
import { buildSandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { buildApp } from '../../../src/app.ts';
import { stablePort } from '../../../lab/ground/ports.ts';
import { startService } from '../../support/service.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { t } from '../../support/tap.ts';
import { begin } from '../trainings/story.ts';
import { until } from '../../support/until.ts';
import { post, webhook } from './deliver.ts';

// How long fal waits for the answer to a webhook (fal contract §2.3).
const timeoutMs = 15_000;

const sandbox = buildSandbox({ allowPrivateWebhooks: true, speed: 0 });
const fal = await silentProxy(t, await sandbox.listen());
t.teardown(() => sandbox.close());
const environment = { FAL_BASE_URL: fal.url, FAL_TIMEOUT_SECONDS: '1', POLL_FIRST_SECONDS: '600' };
const started = await startService(t, { environment });
const service = { ...started, sandbox };
const story = await begin(service);
await story.is('in_queue');

async function answered(url = service.url) {
  const delivery = await webhook(service, story, { body: { status: 'ASKED' } });
  const began = performance.now();
  const answer = await post({ ...delivery, url: delivery.url.replace(service.url, url) });
  return { ...answer, ms: performance.now() - began };
}

t.test('while the key set is silent and no key is known, webhooks are put off, and taken soon after', async (t) => {
  fal.silence();
  const first = await answered();
  t.match(first, { status: 503, json: { code: 'no-signing-keys' } });
  t.ok(first.ms < timeoutMs, `after ${Math.round(first.ms)} ms`);
  fal.speak();
  await until('one that is taken', async () => (await answered()).status === 200);
});

t.test('while the key set is silent, known keys go on serving, those of yesterday too', async (t) => {
  fal.silence();
  t.match(await answered(), { status: 200 }, 'of today');
  await service.database.pool.query("update fal_signing_keys set fetched_at = now() - interval '25 hours'");
  const port = await stablePort();
  const other = await buildApp({ ...service.config, port }, { log: pino({ level: 'silent' }), role: 'api' });
  t.teardown(() => other.close());
  await other.listen({ host: '127.0.0.1', port });
  const stale = await answered(`http://127.0.0.1:${port}`);
  t.match(stale, { status: 200 });
  t.ok(stale.ms < timeoutMs, `after ${Math.round(stale.ms)} ms`);
  const fetched = async () =>
    (await service.database.pool.query("select fetched_at > now() - interval '1 hour' as is_new from fal_signing_keys"))
      .rows[0].is_new;
  t.equal(await fetched(), false);
  fal.speak();
  await until('newer keys', async () => {
    await answered(`http://127.0.0.1:${port}`);
    return fetched();
  });
});
