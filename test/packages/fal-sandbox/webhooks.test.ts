import type { FalClient } from '@fal-ai/client';
import { t } from '../../support/tap.ts';
import { isPrivateTarget } from '../../../packages/fal-sandbox/src/webhook-target.ts';
import type { Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { arrivals, photoZip, portrait, startReceiver, startSandbox, upload } from './support.ts';
import { isGenuine } from './verifier.ts';

async function train(sandbox: Sandbox, fal: FalClient, webhookUrl: string, images = 4): Promise<string> {
  const input = { images_data_url: await upload(fal, await photoZip(images)), steps: 60 };
  const { request_id: id } = await fal.queue.submit(portrait, { input, webhookUrl });
  await sandbox.clock.advance(60);
  return id;
}

t.test('a verifier written from the contract accepts a webhook, and only its true bytes', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const id = await train(sandbox, fal, receiver.url);
  const [webhook] = receiver.received;
  if (!webhook) return t.fail('no webhook came');
  t.ok(await isGenuine(sandbox, webhook));
  t.match(webhook.headers['x-fal-webhook-signature'], /^[0-9a-f]{128}$/);
  t.equal(webhook.headers['x-fal-webhook-request-id'], id);
  t.equal(webhook.headers['x-fal-webhook-user-id'], sandbox.userId);

  const text = webhook.raw.toString();
  t.ok(text.startsWith('{"error": null, "gateway_request_id": "'), 'sorted keys in the spacing of Python');
  const seed = /"seed": (\d+)/.exec(text)?.[1] ?? '0';
  t.ok(BigInt(seed) > 2n ** 53n && String(Number(seed)) !== seed, 'a number that JavaScript cannot hold');
  const again = Buffer.from(JSON.stringify(JSON.parse(text)));
  t.notOk(await isGenuine(sandbox, { ...webhook, raw: again }), 're-serialised JSON has other bytes');
  const result = await sandbox.fetch(`https://queue.fal.run/${portrait}/requests/${id}`, {
    headers: { authorization: 'Key sandbox-id:sandbox-secret' },
  });
  t.match(await result.text(), `"seed":${seed}`, 'the payload is the body of the result');
});

t.test('the key set has an old key first, and grows by a rotation', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const before = sandbox.signing.jwks().keys;
  t.equal(before.length, 2);
  sandbox.signing.rotate();
  const after = sandbox.signing.jwks().keys;
  t.strictSame(after.slice(0, 2), before);
  t.equal(after.length, 3);
  await train(sandbox, fal, receiver.url);
  const [webhook] = receiver.received;
  if (!webhook) return t.fail('no webhook came');
  t.ok(await isGenuine(sandbox, webhook));
  sandbox.signing.rotate({ forget: true });
  t.equal(sandbox.signing.jwks().keys.length, 1);
  t.notOk(await isGenuine(sandbox, webhook), 'its key is published no more');
});

t.test('an error is told with its status and the detail of the result', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const id = await train(sandbox, fal, receiver.url, 3);
  const body = JSON.parse(String(receiver.received[0]?.raw));
  t.match(body, { request_id: id, status: 'ERROR', error: 'Invalid status code: 422' });
  t.match(body.payload.detail, [{ type: 'archive_file_count_below_minimum', loc: ['body', 'images_data_url'] }]);
});

t.test('it is tried again with growing gaps until any 2xx, signed afresh each time', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { timestamps: 'sandbox' } });
  const receiver = await startReceiver(t, sandbox, [500, 404, 503, 204]);
  await train(sandbox, fal, receiver.url);
  await sandbox.clock.advance(120);
  const { received } = receiver;
  t.equal(received.length, 4);
  const [, second = 0, third = 0, fourth = 0] = arrivals(received);
  t.ok(second >= 5 && third - second > second && fourth - third > third - second, `${second}, ${third}, ${fourth} s`);
  t.equal(new Set(received.map(({ headers }) => headers['x-fal-webhook-signature'])).size, 4);
  t.equal(new Set(received.map(({ headers }) => headers['x-fal-webhook-timestamp'])).size, 4);
  await sandbox.clock.advance(3600);
  t.equal(received.length, 4, 'no more after a 2xx');
  t.match(sandbox.webhooks.list(), [
    { state: 'delivered', attempts: [{ status: 500 }, { status: 404 }, {}, { status: 204 }] },
  ]);
});

t.test('it ends after an hour and at most 31 retries; a redirect ends it at once', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const failing = await startReceiver(
    t,
    sandbox,
    Array.from({ length: 50 }, () => 500),
  );
  await train(sandbox, fal, failing.url);
  await sandbox.clock.advance(7200);
  t.equal(failing.received.length, 32);
  t.ok(Math.max(...arrivals(failing.received)) < 3600);
  const redirecting = await startReceiver(t, sandbox, [302]);
  await train(sandbox, fal, redirecting.url);
  await sandbox.clock.advance(3600);
  t.equal(redirecting.received.length, 1);
  t.match(sandbox.webhooks.list(), [{ state: 'gave_up' }, { state: 'gave_up', attempts: [{ status: 302 }] }]);
});

t.test('a receiver has 15 s at first and 120 s later', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { patienceMs: 100 });
  const receiver = await startReceiver(t, sandbox, [null, null, 200]);
  await train(sandbox, fal, receiver.url);
  await sandbox.clock.advance(300);
  const [, second = 0, third = 0] = arrivals(receiver.received);
  t.ok(second >= 20 && second < 21, `15 s and a gap of 5 s: ${second}`);
  t.ok(third - second >= 125 && third - second < 127, `120 s and a gap: ${third - second}`);
  t.match(sandbox.webhooks.list(), [{ attempts: [{ error: /15 s/ }, { error: /120 s/ }, { status: 200 }] }]);
});

t.test('private targets are dropped without a try, unresolvable ones are tried again', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { allowPrivateWebhooks: false });
  const receiver = await startReceiver(t, sandbox);
  for (const url of [
    receiver.url,
    'http://[::1]:1/',
    'http://10.1.2.3/',
    'https://localhost/',
    'http://169.254.169.254/',
  ]) {
    await train(sandbox, fal, url);
  }
  t.equal(receiver.received.length, 0);
  t.strictSame(
    sandbox.webhooks.list().map(({ state, attempts }) => [state, attempts.length]),
    Array.from({ length: 5 }, () => ['dropped', 0]),
  );
  await train(sandbox, fal, 'https://no-such-host.invalid/');
  t.match(sandbox.webhooks.list().at(-1), { state: 'waiting', attempts: [{ status: null, error: String }] });
});

t.test('which addresses are private', async (t) => {
  for (const [address, expected] of [
    ['https://8.8.8.8/hook', false],
    ['https://[2001:4860:4860::8888]/hook', false],
    ['https://172.15.0.1/', false],
    ['https://172.16.0.1/', true],
    ['https://100.64.0.1/', true],
    ['https://192.168.1.1:8443/', true],
    ['https://0.0.0.0/', true],
    ['https://[fd00::1]/', true],
    ['https://[fe80::1]/', true],
    ['https://[::ffff:10.0.0.1]/', true],
    ['https://[::ffff:8.8.8.8]/', false],
    ['https://metadata.google.internal/', true],
  ] as const) {
    t.equal(await isPrivateTarget(address), expected, address);
  }
});

t.test('a body of 10 KB or more is kept, and so tried, for six minutes only', async (t) => {
  const detail = [{ loc: ['body', 'images_data_url'], msg: 'x'.repeat(10_000), type: 'image_load_error' }];
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'job', fault: 'fail', detail }] });
  const failing = await startReceiver(
    t,
    sandbox,
    Array.from({ length: 50 }, () => 500),
  );
  const id = await train(sandbox, fal, failing.url);
  await sandbox.clock.advance(3600);
  t.ok(Math.max(...arrivals(failing.received)) <= 360);
  t.match(sandbox.queue.get(id), { state: 'COMPLETED' });
});
