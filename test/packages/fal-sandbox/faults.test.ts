import type { FalClient } from '@fal-ai/client';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import type { FaultRule, Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { call, failureOf, photoZip, portrait, startReceiver, startSandbox, upload } from './support.ts';
import { isGenuine } from './verifier.ts';

/** Trains once under the given rules and gives the job, its webhooks and what the client is told. */
async function trainUnder(
  t: Parameters<typeof startSandbox>[0],
  faults: FaultRule[],
  statuses: (number | null)[] = [],
) {
  const { sandbox, fal } = await startSandbox(t, { faults });
  const receiver = await startReceiver(t, sandbox, statuses);
  const id = await submit(sandbox, fal, receiver.url);
  await sandbox.clock.advance(60);
  const status = () => fal.queue.status(portrait, { requestId: id, logs: true });
  const result = () => fal.queue.result(portrait, { requestId: id });
  const bodies = () => receiver.received.map(({ raw }) => JSON.parse(raw.toString()));
  return { sandbox, fal, id, status, result, receiver, bodies };
}

async function submit(sandbox: Sandbox, fal: FalClient, webhookUrl: string): Promise<string> {
  const known = sandbox.files.uploads()[0]?.file.url;
  const input = { images_data_url: known ?? (await upload(fal, await photoZip(4))), steps: 60 };
  return (await fal.queue.submit(portrait, { input, webhookUrl })).request_id;
}

t.test('job: stuck in the queue, stuck in the run at a step', async (t) => {
  const queued = await trainUnder(t, [{ on: 'job', fault: 'stuck_in_queue' }]);
  await queued.sandbox.clock.advance(86_400);
  t.match(await queued.status(), { status: 'IN_QUEUE', queue_position: 0 });
  const running = await trainUnder(t, [{ on: 'job', fault: 'stuck_in_progress', step: 30 }]);
  await running.sandbox.clock.advance(86_400);
  const status = await running.status();
  t.match(status.status === 'IN_PROGRESS' && status.logs.at(-1)?.message, / 30\/60 /);
  t.equal(running.receiver.received.length, 0);
});

t.test('job: fails with the detail one chooses, at the start or at a step', async (t) => {
  const detail = [{ loc: ['body', 'images_data_url'], msg: 'No face', type: 'face_detection_error' }];
  const early = await trainUnder(t, [{ on: 'job', fault: 'fail', detail }]);
  t.match(await failureOf(early.result()), { status: 422, body: { detail } });
  t.match(await early.status(), { status: 'COMPLETED', error: 'No face', error_type: 'face_detection_error' });
  t.match(early.bodies(), [{ status: 'ERROR', payload: { detail } }]);
  const late = await trainUnder(t, [{ on: 'job', fault: 'fail', detail: 'out of memory', status: 500, step: 40 }]);
  t.match(await failureOf(late.result()), { status: 500, body: { detail: 'out of memory' } });
  const status = await late.status();
  t.match(status.status === 'COMPLETED' && status.logs.at(-2)?.message, / 40\/60 /);
  late.sandbox.settings.status_error = 'status_code';
  t.match(await late.status(), { error: 'Invalid status code: 500' });
});

t.test('job: fails in the infrastructure, or is tried again by fal under another gateway id', async (t) => {
  const broken = await trainUnder(t, [{ on: 'job', fault: 'infrastructure_error', error_type: 'runner_disconnected' }]);
  t.match(await broken.status(), { error_type: 'runner_disconnected' });
  const answer = await call(broken.sandbox, `https://queue.fal.run/${portrait}/requests/${broken.id}`);
  t.match(answer, { status: 503, body: { detail: String, error_type: 'runner_disconnected' } });
  t.equal(answer.headers.get('x-fal-error-type'), 'runner_disconnected');
  const again = await trainUnder(t, [{ on: 'job', fault: 'server_retry' }]);
  const [body] = again.bodies();
  t.equal(body.request_id, again.id);
  t.not(body.gateway_request_id, again.id);
});

t.test('webhook: none, twice, late, after the next one', async (t) => {
  const none = await trainUnder(t, [{ on: 'webhook', fault: 'none' }]);
  await none.sandbox.clock.advance(7200);
  t.equal(none.receiver.received.length, 0);
  t.match(none.sandbox.webhooks.list(), [{ state: 'withheld' }]);
  t.match(await none.status(), { status: 'COMPLETED' });

  const twice = await trainUnder(t, [{ on: 'webhook', fault: 'duplicate', copies: 3 }]);
  t.equal(twice.receiver.received.length, 3);
  t.equal(new Set(twice.receiver.received.map(({ raw }) => raw.toString())).size, 1);

  const late = await trainUnder(t, [{ on: 'webhook', fault: 'delayed', seconds: 1800 }]);
  t.equal(late.receiver.received.length, 0);
  await late.sandbox.clock.advance(1800);
  t.equal(late.receiver.received.length, 1);

  const overtaken = await trainUnder(t, [{ on: 'webhook', fault: 'out_of_order' }]);
  t.equal(overtaken.receiver.received.length, 0);
  const next = await submit(overtaken.sandbox, overtaken.fal, overtaken.receiver.url);
  await overtaken.sandbox.clock.advance(60);
  t.strictSame(
    overtaken.bodies().map(({ request_id: id }) => id),
    [next, overtaken.id],
  );
});

t.test('webhook: payload_error in both forms, while the result is good', async (t) => {
  const plain = await trainUnder(t, [{ on: 'webhook', fault: 'payload_error' }]);
  t.match(plain.bodies(), [{ status: 'OK', payload: null, payload_error: /not JSON serializable/, error: null }]);
  const failed = await trainUnder(t, [{ on: 'webhook', fault: 'payload_error_with_status' }]);
  t.match(failed.bodies(), [{ status: 'ERROR', error: 'Invalid status code: 404', payload_error: String }]);
  t.type((await failed.result()).data.diffusers_lora_file.url, 'string');
});

t.test('webhook: spoilt signatures, the first attempts only', async (t) => {
  for (const fault of ['stale_timestamp', 'future_timestamp', 'wrong_key', 'foreign_signer', 'tampered_body']) {
    const spoilt = await trainUnder(t, [{ on: 'webhook', fault, attempts: 1 }], [401]);
    t.equal(spoilt.receiver.received.length, 2, fault);
    const [first, second] = spoilt.receiver.received;
    // A foreign signer is genuine as far as the key goes: fal's keys sign for all its customers.
    t.equal(first && (await isGenuine(spoilt.sandbox, first)), fault === 'foreign_signer', fault);
    t.ok(second && (await isGenuine(spoilt.sandbox, second)), fault);
    const now = Date.now() / 1000;
    const age = (webhook: typeof first) => now - Number(webhook?.headers['x-fal-webhook-timestamp']);
    t.equal(Math.abs(age(first)) > 300, fault.endsWith('timestamp'), fault);
    t.ok(Math.abs(age(second)) < 30);
    t.equal(first?.headers['x-fal-webhook-user-id'] !== spoilt.sandbox.userId, fault === 'foreign_signer', fault);
    t.equal(first?.raw.equals(second?.raw ?? Buffer.alloc(0)), fault !== 'tampered_body', fault);
  }
});

t.test('webhook: ids that differ, and contradictions', async (t) => {
  const other = await trainUnder(t, [{ on: 'webhook', fault: 'other_request_id' }]);
  t.not(other.bodies()[0].request_id, other.receiver.received[0]?.headers['x-fal-webhook-request-id']);
  const gateway = await trainUnder(t, [{ on: 'webhook', fault: 'changed_gateway_request_id' }]);
  t.not(gateway.bodies()[0].gateway_request_id, gateway.id);
  const first = await trainUnder(t, [{ on: 'webhook', fault: 'error_first' }]);
  t.match(first.bodies(), [
    { status: 'ERROR', request_id: first.id },
    { status: 'OK', request_id: first.id },
  ]);
  const after = await trainUnder(t, [{ on: 'webhook', fault: 'error_after' }]);
  t.match(after.bodies(), [{ status: 'OK' }, { status: 'ERROR' }]);
});

t.test('result and status: refusals and failures, each once', async (t) => {
  const { sandbox, id } = await trainUnder(t, []);
  const base = `https://queue.fal.run/${portrait}/requests/${id}`;
  const cases: [on: 'result' | 'status', fault: string, status: number][] = [
    ['result', 'expired', 404],
    ['result', 'unavailable', 503],
    ['result', 'server_error', 500],
    ['result', 'unauthorized', 401],
    ['status', 'unavailable', 503],
    ['status', 'unauthorized', 401],
    ['status', 'not_found', 404],
  ];
  for (const [on, fault, status] of cases) {
    sandbox.faults.set([{ on, fault }]);
    const address = on === 'status' ? `${base}/status` : base;
    t.equal((await call(sandbox, address)).status, status, `${on}: ${fault}`);
    t.equal((await call(sandbox, address)).status, 200);
  }
  for (const fault of ['reset', 'cut_body']) {
    sandbox.faults.set([
      { on: 'result', fault },
      { on: 'status', fault },
    ]);
    await t.rejects(call(sandbox, base), fault);
    await t.rejects(call(sandbox, `${base}/status`), fault);
  }
  sandbox.faults.set([{ on: 'result', fault: 'timeout' }]);
  await t.rejects(call(sandbox, base, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
});

t.test('file: missing, failing, cut, wrong, slow', async (t) => {
  const { sandbox, result } = await trainUnder(t, []);
  const { url } = (await result()).data.diffusers_lora_file;
  const get = async (init: RequestInit = {}) => {
    const response = await sandbox.fetch(url, init);
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  };
  const genuine = await get();
  const under = (fault: string, init?: RequestInit) => {
    sandbox.faults.set([{ on: 'file', fault, seconds: 10 }]);
    return get(init);
  };
  t.equal((await under('missing')).status, 404);
  t.equal((await under('unavailable')).status, 503);
  t.equal((await under('empty')).bytes.length, 0);
  const wrong = await under('wrong_bytes');
  t.ok(wrong.status === 200 && wrong.bytes.length === genuine.bytes.length && !wrong.bytes.equals(genuine.bytes));
  t.equal((await under('no_length')).headers.get('content-length'), null);
  await t.rejects(under('cut'));
  await t.rejects(under('cut', { headers: { range: 'bytes=100-' } }));
  await t.rejects(under('reset'));
  await t.rejects(under('timeout', { signal: AbortSignal.timeout(100) }));
  const slow = under('slow');
  await until('the rule has struck', () => sandbox.faults.list()[0]?.struck === 1);
  await sandbox.clock.advance(11);
  t.ok((await slow).bytes.equals(genuine.bytes));
});

t.test('key set: away, empty, no JSON', async (t) => {
  const { sandbox } = await startSandbox(t);
  const keys = async (fault: string) => {
    sandbox.faults.set([{ on: 'jwks', fault }]);
    const response = await sandbox.fetch('https://rest.fal.ai/.well-known/jwks.json', {
      signal: AbortSignal.timeout(300),
    });
    return { status: response.status, text: await response.text() };
  };
  t.match(await keys('unavailable'), { status: 503 });
  t.match(await keys('empty'), { text: '{"keys":[]}' });
  t.match(await keys('not_json'), { text: /^<html>/ });
  await t.rejects(keys('timeout'), { name: 'TimeoutError' });
});

t.test('the fields of File besides the address', async (t) => {
  const { sandbox, fal, receiver } = await trainUnder(t, []);
  const files = async (file_fields: 'null' | 'filled') => {
    sandbox.settings.file_fields = file_fields;
    const requestId = await submit(sandbox, fal, receiver.url);
    await sandbox.clock.advance(60);
    const { data } = await fal.queue.result(portrait, { requestId });
    return [data.diffusers_lora_file, data.config_file].map(({ file_size: size }) => size === null);
  };
  t.strictSame(await files('null'), [true, true]);
  t.strictSame(await files('filled'), [false, false]);
});
