import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { faultCatalogue } from '../../../packages/fal-sandbox/src/faults.ts';
import { defaultSettings } from '../../../packages/fal-sandbox/src/settings.ts';
import { call, failureOf, photo, photoZip, portrait, startReceiver, startSandbox, upload, zip } from './support.ts';

t.test('the README names every fault and every setting', (t) => {
  const readme = readFileSync(join(import.meta.dirname, '../../../packages/fal-sandbox/README.md'), 'utf8');
  const names = [
    ...Object.keys(faultCatalogue),
    ...Object.values(faultCatalogue).flat(),
    ...Object.keys(defaultSettings),
  ];
  t.strictSame(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme)),
    [],
  );
  t.end();
});

t.test('a result without a wide number', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { seed_in_payload: false } });
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 10 };
  const { request_id: requestId } = await fal.queue.submit(portrait, { input });
  await sandbox.clock.advance(60);
  t.strictSame(Object.keys((await fal.queue.result(portrait, { requestId })).data), [
    'diffusers_lora_file',
    'config_file',
  ]);
});

t.test('the other answer to the cancellation of a queued job, and none at all', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { cancel_queued_answer: 200 } });
  const { request_id: id } = await fal.queue.submit(portrait, { input: { images_data_url: 'x' } });
  const cancel = () => call(sandbox, `https://queue.fal.run/${portrait}/requests/${id}/cancel`, { method: 'PUT' });
  sandbox.faults.add({ on: 'cancel', fault: 'unavailable' });
  t.equal((await cancel()).status, 503);
  t.match(await cancel(), { status: 200, body: { status: 'OK' } });
});

t.test('images: how small they may be, and whether they are decoded', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { minimum_side: 600, decode_images: false } });
  const train = async (bytes: Buffer) => {
    const { request_id: id } = await fal.queue.submit(portrait, {
      input: { images_data_url: await upload(fal, bytes), steps: 10 },
    });
    await sandbox.clock.advance(60);
    return sandbox.queue.get(id)?.outcome;
  };
  t.match(await train(await photoZip(4)), { status: 422, error_type: 'image_too_small' });
  sandbox.settings.minimum_side = 512;
  t.match(await train(await photoZip(4)), { status: 200 });
  const cut = (await photo(1, 1024)).subarray(0, 3000);
  const entries = { 'a.jpg': cut, 'b.jpg': cut, 'c.jpg': cut, 'd.jpg': cut };
  t.match(await train(await zip(entries)), { status: 200 }, 'a header is enough');
  sandbox.settings.decode_images = true;
  t.match(await train(await zip(entries)), { error_type: 'image_load_error' });
});

t.test("times are the machine's, or the sandbox's", async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 10 };
  for (const timestamps of ['wall', 'sandbox'] as const) {
    sandbox.settings.timestamps = timestamps;
    const { request_id: requestId } = await fal.queue.submit(portrait, { input, webhookUrl: receiver.url });
    await sandbox.clock.advance(7200);
    const status = await fal.queue.status(portrait, { requestId, logs: true });
    const logged = status.status === 'COMPLETED' ? Date.parse(status.logs[0]?.timestamp ?? '') : 0;
    const signed = Number(receiver.received.at(-1)?.headers['x-fal-webhook-timestamp']) * 1000;
    for (const time of [logged, signed]) {
      t.equal(Math.abs(time - Date.now()) < 60_000, timestamps === 'wall');
    }
  }
});

t.test('on a fast clock a receiver still has its real time, and a training takes as long as it should', async (t) => {
  const { sandbox, fal } = await startSandbox(t, {
    speed: 2000,
    settings: { webhook_timeout_floor_ms: 200, queue_seconds: 0 },
  });
  const receiver = await startReceiver(t, sandbox, [null]);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 2500 };
  const began = performance.now();
  const { requestId } = await fal.subscribe(portrait, { input, webhookUrl: receiver.url, pollInterval: 20 });
  const took = performance.now() - began;
  t.ok(took > 200 && took < 5000, `400 s at speed 2000: ${took} ms`);
  await until('the webhook is delivered', () => sandbox.webhooks.list()[0]?.state === 'delivered');
  const [first, second] = sandbox.webhooks.list()[0]?.attempts ?? [];
  t.ok((first?.duration_ms ?? 0) >= 195, `${first?.duration_ms} ms`);
  t.match([first, second], [{ status: null, error: /15 s/ }, { status: 200 }]);
  t.equal(sandbox.queue.get(requestId)?.state, 'COMPLETED');
});

t.test('the remaining switches of upload, status and search', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const bytes = await photoZip(1);
  for (const [fault, status] of [
    ['unavailable', 503],
    ['unauthorized', 401],
  ] as const) {
    // The client repeats a 503, so it is asked for directly.
    sandbox.faults.set([{ on: 'upload', fault }]);
    const answer = await call(sandbox, 'https://rest.fal.ai/storage/upload/initiate', { method: 'POST', body: '{}' });
    t.equal(answer.status, status);
  }
  const start = 'https://rest.fal.ai/storage/upload/initiate-multipart';
  const { body } = await call(sandbox, start, { method: 'POST', body: '{"file_name":"x.zip"}' });
  const part = String(body.upload_url).replace('?', '/1?');
  sandbox.faults.set([{ on: 'upload', fault: 'part_unavailable' }]);
  t.equal((await call(sandbox, part, { method: 'PUT', body: 'x' })).status, 503);
  t.equal((await call(sandbox, part, { method: 'PUT', body: 'x' })).status, 200);

  const search = `https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=${portrait}`;
  const { request_id: id } = await fal.queue.submit(portrait, { input: { images_data_url: await upload(fal, bytes) } });
  const status = `https://queue.fal.run/${portrait}/requests/${id}/status`;
  sandbox.faults.set([{ on: 'search', fault: 'unavailable' }]);
  t.equal((await call(sandbox, search)).status, 503);
  for (const [on, address] of [
    ['search', search],
    ['status', status],
  ] as const) {
    sandbox.faults.set([{ on, fault: 'timeout' }]);
    await t.rejects(call(sandbox, address, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  }
  sandbox.faults.set([{ on: 'result', fault: 'expired' }]);
  t.match(await failureOf(fal.queue.result(portrait, { requestId: id })), { status: 400 }, 'not before it has ended');
});
