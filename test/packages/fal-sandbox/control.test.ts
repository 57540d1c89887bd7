import { t } from '../../support/tap.ts';
import type { Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { call, photoZip, portrait, startReceiver, startSandbox, upload } from './support.ts';

const control = (sandbox: Sandbox, path: string, method = 'GET', body?: unknown) =>
  call(sandbox, `${sandbox.url()}/_sandbox/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

t.test('faults and settings are set over HTTP, bad ones refused with a sentence', async (t) => {
  const { sandbox } = await startSandbox(t);
  const rule = { on: 'submit', fault: 'locked', times: 'always' };
  t.match((await control(sandbox, 'faults', 'PUT', [rule])).body, { faults: [{ ...rule, struck: 0 }] });
  await control(sandbox, 'faults', 'POST', { on: 'jwks', fault: 'unavailable' });
  t.equal(sandbox.faults.list().length, 2);
  t.match(await control(sandbox, 'faults', 'PUT', { on: 'submit', fault: 'x' }), {
    status: 400,
    body: { error: /"fault" on submit/ },
  });
  t.equal(sandbox.faults.list().length, 2, 'a refused set changes nothing');
  t.strictSame((await control(sandbox, 'faults', 'DELETE')).body, { faults: [] });

  t.match((await control(sandbox, 'settings', 'PATCH', { search: 'off', concurrency: 9 })).body, {
    search: 'off',
    concurrency: 9,
  });
  t.equal(sandbox.settings.search, 'off');
  t.match(await control(sandbox, 'settings', 'PATCH', { concurrency: 'x' }), {
    status: 400,
    body: { error: /"concurrency" takes a number/ },
  });
  t.match((await control(sandbox, 'settings')).body, { concurrency: 9 });
});

t.test('the clock is moved over HTTP, and the answer comes when all effects are there', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 60 };
  const { request_id: id } = await fal.queue.submit(portrait, { input, webhookUrl: receiver.url });
  const before = Date.parse(String((await control(sandbox, 'clock')).body.now));
  const { body } = await control(sandbox, 'clock/advance', 'POST', { seconds: 60 });
  t.equal(Date.parse(String(body.now)) - before, 60_000);
  t.equal(receiver.received.length, 1);
  t.match((await control(sandbox, `jobs/${id}`)).body, {
    request_id: id,
    state: 'COMPLETED',
    webhook_url: receiver.url,
    body: JSON.stringify(input),
    outcome: { status: 200 },
  });
  t.match((await control(sandbox, 'state')).body, {
    jobs: { COMPLETED: 1 },
    webhooks: { delivered: 1 },
    submissions: 1,
  });
  t.match((await control(sandbox, `webhooks?request_id=${id}`)).body, {
    deliveries: [{ state: 'delivered', attempts: [{ status: 200 }] }],
  });
  t.strictSame((await control(sandbox, 'webhooks?state=waiting')).body, { deliveries: [] });
  t.match((await control(sandbox, 'uploads')).body, { uploads: [{ url: input.images_data_url, ready: true }] });
  const once = { posts: 1, jobs: 1 };
  const by_input = { [JSON.stringify(input)]: once };
  const counts = { ...once, by_archive: { [input.images_data_url]: once }, by_input };
  t.strictSame((await control(sandbox, 'submissions?brief=1')).body, counts);
  t.match((await control(sandbox, 'submissions')).body, { ...counts, submissions: [{ request_id: id }] });
  await control(sandbox, `jobs/${id}/redeliver`, 'POST');
  t.equal(receiver.received.length, 2);
  t.match(await control(sandbox, 'clock/advance', 'POST', { seconds: -1 }), { status: 400 });
  t.match((await control(sandbox, 'clock', 'PATCH', { speed: 12 })).body, { speed: 12 });
});

t.test('a job is ended by hand, well or badly, and tells of it', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 60 };
  const submit = async () => (await fal.queue.submit(portrait, { input, webhookUrl: receiver.url })).request_id;
  await control(sandbox, `jobs/${await submit()}/complete`, 'POST', {});
  await control(sandbox, `jobs/${await submit()}/complete`, 'POST', { status: 422, detail: 'no' });
  await control(sandbox, `jobs/${await submit()}/complete`, 'POST', { error_type: 'startup_timeout' });
  await sandbox.clock.settle();
  t.match(
    receiver.received.map(({ raw }) => JSON.parse(raw.toString())),
    [
      { status: 'OK', payload: { config_file: {} } },
      { status: 'ERROR', payload: { detail: 'no' } },
      { status: 'ERROR', error: 'Invalid status code: 504', payload: { error_type: 'startup_timeout' } },
    ],
  );
  t.equal((await control(sandbox, 'jobs/none')).status, 404);
  const { body } = await control(sandbox, 'jobs');
  t.equal(Array.isArray(body.jobs) && body.jobs.length, 3);
});

t.test('keys turn over, and any body can be signed', async (t) => {
  const { sandbox } = await startSandbox(t);
  const { body: keys } = await control(sandbox, 'keys/rotate', 'POST');
  t.equal(Array.isArray(keys.keys) && keys.keys.length, 3);
  const { body: hidden } = await control(sandbox, 'keys/rotate', 'POST', { forget: true, publish: false });
  t.strictSame(hidden, { keys: [] });
  const signed = await control(sandbox, 'keys/sign', 'POST', { body: '{}', request_id: 'r', timestamp: 12 });
  t.match(signed.body, {
    headers: {
      'x-fal-webhook-request-id': 'r',
      'x-fal-webhook-user-id': sandbox.userId,
      'x-fal-webhook-timestamp': '12',
      'x-fal-webhook-signature': /^[0-9a-f]{128}$/,
    },
  });
  t.equal((await control(sandbox, 'keys/sign', 'POST', {})).status, 400);
});
