import { t } from '../../support/tap.ts';
import { call, failureOf, photoZip, portrait, startSandbox, upload } from './support.ts';

t.test('two run at once, the others wait in order, low priority last', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 600 };
  const submit = async (priority: 'normal' | 'low' = 'normal') =>
    (await fal.queue.submit(portrait, { input, priority })).request_id;
  const ids = [await submit(), await submit(), await submit('low'), await submit(), await submit()];
  const status = async (id: string) => {
    const { body } = await call(sandbox, `https://queue.fal.run/${portrait}/requests/${id}/status`);
    return body.queue_position ?? body.status;
  };
  const all = () => Promise.all(ids.map(status));
  t.strictSame(await all(), [0, 1, 4, 2, 3]);
  await sandbox.clock.advance(10);
  t.strictSame(await all(), ['IN_PROGRESS', 'IN_PROGRESS', 2, 0, 1]);
  await sandbox.clock.advance(120);
  t.strictSame(await all(), ['COMPLETED', 'COMPLETED', 0, 'IN_PROGRESS', 'IN_PROGRESS']);
  sandbox.settings.concurrency = 40;
  await sandbox.clock.advance(240);
  t.strictSame(new Set(await all()), new Set(['COMPLETED']));
});

t.test('a job that is not started in time ends as 504, whichever header says so', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'job', fault: 'stuck_in_queue', times: 'always' }] });
  const options = { input: { images_data_url: 'x' } };
  const older = await fal.queue.submit(portrait, { ...options, startTimeout: 60 });
  const newer = await fal.queue.submit(portrait, { ...options, headers: { 'X-Fal-Request-Start-Timeout': '60' } });
  await sandbox.clock.advance(59);
  for (const { request_id: requestId } of [older, newer]) {
    t.match(await fal.queue.status(portrait, { requestId }), { status: 'IN_QUEUE' });
  }
  await sandbox.clock.advance(1);
  for (const { request_id: requestId } of [older, newer]) {
    t.match(await fal.queue.status(portrait, { requestId }), { status: 'COMPLETED', error_type: 'request_timeout' });
    const answer = await call(sandbox, `https://queue.fal.run/${portrait}/requests/${requestId}`);
    t.equal(answer.status, 504);
    t.equal(answer.headers.get('x-fal-request-timeout-type'), 'user');
  }
  const wrong = fal.queue.submit(portrait, { ...options, headers: { 'X-Fal-Request-Start-Timeout': 'soon' } });
  t.match(await failureOf(wrong), { status: 400 });
});

t.test('a queue longer than fal_max_queue_length takes no more', async (t) => {
  const { sandbox } = await startSandbox(t);
  const submit = (query: string) =>
    call(sandbox, `https://queue.fal.run/${portrait}${query}`, { method: 'POST', body: '{"images_data_url":"x"}' });
  t.equal((await submit('')).status, 200);
  t.equal((await submit('?fal_max_queue_length=0')).status, 429);
  t.equal((await submit('?fal_max_queue_length=1')).status, 200);
});

t.test('results are kept for thirty days, or an hour where payloads are not stored', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 10 };
  const kept = await fal.queue.submit(portrait, { input });
  const short = await fal.queue.submit(portrait, { input, headers: { 'X-Fal-Store-IO': '0' } });
  const result = ({ request_id: requestId }: { request_id: string }) => fal.queue.result(portrait, { requestId });
  await sandbox.clock.advance(600);
  t.type((await result(short)).data.diffusers_lora_file.url, 'string');
  await sandbox.clock.advance(3600);
  t.match(await failureOf(result(short)), { status: 404 });
  t.type((await result(kept)).data.diffusers_lora_file.url, 'string');
  await sandbox.clock.advance(30 * 86_400);
  t.match(await failureOf(result(kept)), { status: 404 });
});

t.test('a cancelled job can vanish, or finish all the same', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 600 };
  const submit = async () => (await fal.queue.submit(portrait, { input })).request_id;
  const [first, second] = [await submit(), await submit()];
  await sandbox.clock.advance(10);
  sandbox.settings.cancel = 'vanishes';
  await fal.queue.cancel(portrait, { requestId: first });
  t.match(await failureOf(fal.queue.status(portrait, { requestId: first })), { status: 404 });
  sandbox.faults.add({ on: 'cancel', fault: 'ignored' });
  await fal.queue.cancel(portrait, { requestId: second });
  await sandbox.clock.advance(200);
  t.match(await fal.queue.status(portrait, { requestId: second }), { status: 'COMPLETED', error: undefined });
  t.type((await fal.queue.result(portrait, { requestId: second })).data.config_file.url, 'string');
});
