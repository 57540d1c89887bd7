import { buildSandbox } from '../../packages/fal-sandbox/src/server.ts';
import { t } from '../support/tap.ts';
import { startService } from '../support/service.ts';
import { silentProxy } from '../../lab/ground/silent-proxy.ts';
import { startS3, useAccount } from '../../lab/ground/s3-stub.ts';
import { begin } from '../features/trainings/story.ts';

/* The gaps between tries are those of production, where not to wait for an outage's end but for the next try took minutes. */
const gaps = { BLOCKED_RETRY_SECONDS: '60', POLL_FIRST_SECONDS: '15', POLL_SECONDS: '60', FAL_TIMEOUT_SECONDS: '1' };
// Well below the gaps.
const soonMs = 40_000;

useAccount(t);
const s3 = await startS3(t);
const sandbox = buildSandbox({ allowPrivateWebhooks: true, speed: 1000 });
const fal = await silentProxy(t, await sandbox.listen());
t.teardown(() => sandbox.close());
const store = await silentProxy(t, s3.endpoint);
const service = await startService(t, {
  environment: {
    ...gaps,
    STORAGE_TIMEOUT_SECONDS: '0.5',
    STORAGE_URL: `s3://bucket/p?endpoint=${store.url}&region=eu`,
    FAL_BASE_URL: fal.url,
  },
});

t.test('a training that a silent fal interrupted goes on soon after it speaks, and is paid once', async (t) => {
  fal.silence();
  const story = await begin(service);
  await story.when('to wait for fal', (row) => row.blocked_reason === 'provider-unavailable');
  fal.speak();
  await story.is('succeeded', soonMs);
  t.equal(sandbox.submissions.list().length, 1);
});

t.test('a training that a silent store interrupted goes on soon after it speaks', async (t) => {
  const before = sandbox.submissions.list().length;
  const story = await begin(service);
  store.silence();
  await t.rejects(service.app.storage.exists('a'), { code: 'unavailable' });
  await t.rejects(service.app.storage.exists('a'), { code: 'unavailable' });
  store.speak();
  await story.is('succeeded', soonMs);
  t.equal(sandbox.submissions.list().length, before + 1);
});
