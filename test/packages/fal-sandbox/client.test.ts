import { createFalClient } from '@fal-ai/client';
import { t } from '../../support/tap.ts';
import { call, failureOf, photoZip, portrait, startReceiver, startSandbox, upload } from './support.ts';

t.test('the real client uploads, submits, follows and reads a result', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const archive = await upload(fal, await photoZip(5), 'my photos.zip');
  t.match(archive, /^https:\/\/v3b\.fal\.media\/files\/b\/\w+\/.+\.zip$/);

  const input = { images_data_url: archive, steps: 600, trigger_phrase: 'TOK' };
  const { request_id: requestId, ...answer } = await fal.queue.submit(portrait, { input, webhookUrl: receiver.url });
  t.match(answer, { status: 'IN_QUEUE', queue_position: 0, status_url: /^https:\/\/queue\.fal\.run\/.+\/status$/ });
  const status = (logs = true) => fal.queue.status(portrait, { requestId, logs });
  t.match(await status(), { status: 'IN_QUEUE', queue_position: 0 });

  await sandbox.clock.advance(60);
  t.match(await status(false), { status: 'IN_PROGRESS', logs: null });
  const running = await status();
  const lines = running.status === 'IN_PROGRESS' ? running.logs.map(({ message }) => message) : [];
  t.match(lines[0], /5 images, 0 captions/);
  t.match(lines.at(-1), /^ *\d+%\|[█▏▎▍▌▋▊▉ ]{10}\| \d+\/600 \[\d\d:\d\d<\d\d:\d\d, +\d+\.\d\dit\/s, loss=0\.\d{3}\]$/);
  t.match(await failureOf(fal.queue.result(portrait, { requestId })), { status: 400, body: { detail: /in progress/ } });

  await sandbox.clock.advance(120);
  const done = await status();
  t.match(done, { status: 'COMPLETED', metrics: { inference_time: Number } });
  t.ok(done.status === 'COMPLETED' && done.logs.length > lines.length, 'each poll gives the whole log so far');
  const result = await fal.queue.result(portrait, { requestId });
  t.equal(result.requestId, requestId);
  t.match(result.data, {
    diffusers_lora_file: { url: /\.safetensors$/, content_type: null, file_name: null, file_size: null },
    config_file: { url: /config\.json$/, file_name: 'config.json', file_size: Number },
  });
  t.equal(receiver.received.length, 1);
});

t.test('the body of a submission is kept byte for byte, without the key', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: 'https://v3.fal.media/files/x.zip', learning_rate: 0.00009, trigger_phrase: 'Zoë' };
  const { request_id: id } = await fal.queue.submit(portrait, {
    input,
    webhookUrl: 'https://x.example/a?t=1',
    priority: 'low',
  });
  const [entry] = sandbox.submissions.list();
  t.equal(entry?.body, JSON.stringify(input));
  t.match(entry, { outcome: 'accepted', request_id: id, webhook_url: 'https://x.example/a?t=1' });
  t.equal(entry?.headers['x-fal-queue-priority'], 'low');
  t.equal(entry?.headers.authorization, undefined);
  t.strictSame(sandbox.submissions.byArchive(), { [input.images_data_url]: { posts: 1, jobs: 1 } });
});

t.test('streamStatus gives an event for each change and ends after COMPLETED', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 200 };
  const { request_id: requestId } = await fal.queue.submit(portrait, { input });
  const stream = await fal.queue.streamStatus(portrait, { requestId, logs: true });
  const seen = new Set<string>();
  for await (const event of stream) {
    seen.add(event.status);
    if (event.status !== 'COMPLETED') await sandbox.clock.advance(30);
  }
  t.strictSame([...seen], ['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']);
  t.match(await stream.done(), { status: 'COMPLETED' });
});

t.test('cancelling: queued, running, ended, unknown', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 600 };
  const submit = async () => (await fal.queue.submit(portrait, { input })).request_id;
  const [queued, running] = [await submit(), await submit()];
  await fal.queue.cancel(portrait, { requestId: queued });
  await sandbox.clock.advance(10);
  t.match(await fal.queue.status(portrait, { requestId: queued }), {
    status: 'COMPLETED',
    error_type: 'client_cancelled',
  });
  t.match(await failureOf(fal.queue.result(portrait, { requestId: queued })), { status: 499 });

  t.match(await fal.queue.status(portrait, { requestId: running }), { status: 'IN_PROGRESS' });
  const answer = await call(sandbox, `https://queue.fal.run/${portrait}/requests/${running}/cancel`, { method: 'PUT' });
  t.match(answer, { status: 202, body: { status: 'CANCELLATION_REQUESTED' } });
  await sandbox.clock.advance(2);
  const again = fal.queue.cancel(portrait, { requestId: running });
  t.match(await failureOf(again), { status: 400, body: { status: 'ALREADY_COMPLETED' } });
  t.match(await failureOf(fal.queue.cancel(portrait, { requestId: 'none' })), {
    status: 404,
    body: { status: 'NOT_FOUND' },
  });
});

t.test('a wrong key, an unknown app and a body that is no object are refused at submit', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const stranger = createFalClient({ credentials: 'wrong:key', fetch: sandbox.fetch });
  t.match(await failureOf(stranger.queue.submit(portrait, { input: { images_data_url: 'x' } })), { status: 401 });
  t.match(await failureOf(stranger.storage.upload(new File(['x'], 'x.zip'))), { status: 401 });
  const gone = fal.queue.submit('fal-ai/flux-pro-trainer', { input: { data_url: 'x', finetune_comment: 'x' } });
  t.match(await failureOf(gone), { status: 404 });
  t.equal((await call(sandbox, `https://queue.fal.run/${portrait}`, { method: 'POST', body: '[1]' })).status, 422);
  t.equal(sandbox.queue.list().length, 0);
  t.equal(sandbox.submissions.list().length, 3, 'each POST counts');
});

t.test('without a configured key any will do', async (t) => {
  const { fal } = await startSandbox(t, { key: undefined });
  t.match(await fal.queue.submit(portrait, { input: { images_data_url: 'x' } }), { status: 'IN_QUEUE' });
});

t.test('paths: below the app, with /response, with a slash at the end, under another app', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const { request_id: id } = await fal.queue.submit(portrait, { input: { images_data_url: 'x' } });
  const at = (path: string) => call(sandbox, `https://queue.fal.run/${path}`);
  t.equal((await at(`${portrait}/sub/path/requests/${id}/status`)).status, 202);
  t.equal((await at(`${portrait}/requests/${id}/status/?logs=true`)).status, 202);
  t.equal((await at(`${portrait}/requests/${id}/response`)).status, 400);
  t.match(await at(`fal-ai/turbo-flux-trainer/requests/${id}/status`), { status: 404, body: { status: 'NOT_FOUND' } });
  t.equal((await at(`${portrait}/requests/${id}/other`)).status, 404);
  t.equal((await sandbox.fetch(`https://queue.fal.run/${portrait}/requests/${id}/status`)).status, 401);
  t.match(await call(sandbox, `https://queue.falrun.com/${portrait}/requests/${id}/status`), { status: 202 });
});
