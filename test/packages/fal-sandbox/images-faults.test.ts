import { createFalClient } from '@fal-ai/client';
import { t } from '../../support/tap.ts';
import { buildSandbox, type FaultRule } from '../../../packages/fal-sandbox/src/server.ts';
import { bytesOf, filesOf, generate, look, uploadLora } from './images-support.ts';
import { call, key, photoZip, startSandbox, turbo, upload } from './support.ts';

/** Makes images under one fault of the job and gives the answer, its files and the sandbox. */
async function under(
  t: Parameters<typeof startSandbox>[0],
  rule: Omit<FaultRule, 'on'>,
  input: Record<string, unknown> = {},
) {
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'job', ...rule }] });
  const ended = await generate(sandbox, fal, { num_images: 3, ...input });
  const files = ended.outcome?.status === 200 ? await filesOf(sandbox, ended.result) : [];
  const pictures = await Promise.all(files.map((bytes) => look(bytes).catch(() => null)));
  return { ...ended, sandbox, fal, files, pictures, black: pictures.map((picture) => picture?.share === 1) };
}

t.test('images that are flagged, or black without a word', async (t) => {
  const flagged = await under(t, { fault: 'nsfw', images: [1] });
  t.strictSame(flagged.result.has_nsfw_concepts, [false, true, false]);
  t.strictSame(flagged.black, [false, true, false]);
  t.strictSame((await under(t, { fault: 'nsfw' })).black, [true, true, true]);
  const unchecked = await under(t, { fault: 'nsfw' }, { enable_safety_checker: false });
  t.strictSame(unchecked.result.has_nsfw_concepts, [false, false, false]);
  const black = await under(t, { fault: 'black', images: [0] });
  t.strictSame(black.result.has_nsfw_concepts, [false, false, false]);
  t.strictSame(black.black, [true, false, false]);
});

t.test('no images, fewer, others than were asked for', async (t) => {
  t.match(await under(t, { fault: 'no_images' }), { units: '3', result: { images: [], has_nsfw_concepts: [] } });
  const fewer = await under(t, { fault: 'fewer_images' });
  t.equal(fewer.result.images.length, 2);
  t.equal(fewer.result.has_nsfw_concepts?.length, 2);
  const sizes = await under(t, { fault: 'wrong_size', images: [2] });
  t.strictSame(
    sizes.result.images.map(({ width }) => width),
    [512, 512, 512],
  );
  t.strictSame(
    sizes.pictures.map((picture) => picture?.width),
    [512, 512, 256],
  );
  const same = await under(t, { fault: 'same_images', images: [0, 2] });
  t.ok(same.files[0]?.equals(same.files[2] ?? Buffer.alloc(0)));
  t.notOk(same.files[0]?.equals(same.files[1] ?? Buffer.alloc(0)));
  const page = await under(t, { fault: 'not_an_image', images: [0] });
  t.match(page.files[0]?.toString(), /^<html>/);
  t.ok(page.pictures[0] === null && page.pictures[1] !== null);
  const nulls = await under(t, { fault: 'null_fields' });
  t.match(nulls.result, { timings: null, has_nsfw_concepts: null });
  t.match(nulls.result.images, [{ url: String, width: null, height: null, content_type: null }, {}, {}]);
});

t.test('a LoRA that fal can not use, a job that comes late, one that fails', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'job', fault: 'lora_unreadable' }] });
  const unreadable = await generate(sandbox, fal, { loras: [{ path: await uploadLora(fal) }] });
  t.match(unreadable, {
    outcome: { status: 422 },
    detail: [{ loc: ['body', 'loras', 0, 'path'], type: 'value_error' }],
  });
  sandbox.faults.set([{ on: 'job', fault: 'late', seconds: 5000 }]);
  const late = await generate(sandbox, fal, {});
  t.equal(sandbox.queue.get(late.id)?.state, 'IN_PROGRESS');
  await sandbox.clock.advance(4500);
  t.match(sandbox.queue.get(late.id), { state: 'COMPLETED', outcome: { status: 200 } });
  sandbox.faults.set([{ on: 'job', fault: 'fail' }]);
  const refused = [{ loc: ['body', 'prompt'], type: 'content_policy_violation', categories: ['sexual'] }];
  t.match(await generate(sandbox, fal, {}), { outcome: { status: 422 }, detail: refused });
  sandbox.faults.set([{ on: 'job', fault: 'stuck_in_progress', step: 10 }]);
  const { id } = await generate(sandbox, fal, {});
  const status = await fal.queue.status('fal-ai/flux-lora', { requestId: id, logs: true });
  t.match(status.status === 'IN_PROGRESS' && status.logs.at(-1)?.message, / 10\/28 /);
});

t.test('faults of images pass trainings by', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'job', fault: 'no_images' }] });
  await fal.queue.submit(turbo, { input: { images_data_url: await upload(fal, await photoZip(4)) } });
  t.equal(sandbox.faults.list()[0]?.struck, 0);
  t.strictSame((await generate(sandbox, fal, {})).result.images, []);
  t.throws(() => sandbox.faults.set([{ on: 'job', fault: 'nsfw', images: [0.5] }]), /"images" must be a list/);
});

t.test('the files of an image fail as all files do', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const { result } = await generate(sandbox, fal, {});
  const { url = '' } = result.images[0] ?? {};
  const genuine = await bytesOf(sandbox, url);
  sandbox.faults.set([{ on: 'file', fault: 'missing', contains: url }]);
  t.equal((await sandbox.fetch(url)).status, 404);
  sandbox.faults.set([{ on: 'file', fault: 'cut' }]);
  await t.rejects(bytesOf(sandbox, url));
  const rest = await sandbox.fetch(url, { headers: { range: 'bytes=100-' } });
  t.equal(rest.status, 206);
  t.ok(Buffer.from(await rest.arrayBuffer()).equals(genuine.subarray(100)));
  const head = await sandbox.fetch(url, { method: 'HEAD' });
  t.equal(head.headers.get('content-length'), String(genuine.length));
});

t.test('images end when the submission said, by the clock of the sandbox', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const short = await generate(sandbox, fal, {}, { storageSettings: { expiresIn: 3600 } });
  const long = await generate(sandbox, fal, {}, { storageSettings: { expiresIn: 'never' } });
  const status = async ({ result }: typeof short) => (await sandbox.fetch(result.images[0]?.url ?? '')).status;
  const { body } = await call(sandbox, `${sandbox.url()}/_sandbox/jobs/${short.id}`);
  t.match(body, { files_kept_seconds: 3600 });
  t.equal(await status(short), 200);
  await sandbox.clock.advance(3600);
  t.equal(await status(short), 404);
  t.equal(await status(long), 200);
});

t.test(
  "a training's files end when its submission said, and then no runner gets the LoRA that has not got it",
  async (t) => {
    const { sandbox, fal } = await startSandbox(t);
    const images_data_url = await upload(fal, await photoZip(4));
    const { request_id: requestId } = await fal.queue.submit(turbo, {
      input: { images_data_url },
      storageSettings: { expiresIn: '1d' },
    });
    await sandbox.clock.advance(600);
    const { data } = await fal.queue.result(turbo, { requestId });
    const path = data.diffusers_lora_file.url;
    t.match((await generate(sandbox, fal, { loras: [{ path }] })).outcome, { status: 200 });
    await sandbox.clock.advance(86_400);
    t.equal((await sandbox.fetch(path)).status, 404);
    t.equal((await sandbox.fetch(data.config_file.url)).status, 404);
    t.match((await generate(sandbox, fal, { loras: [{ path }] })).outcome, { status: 200 }, 'a runner has kept it');
    const elsewhere = await generate(sandbox, fal, { loras: [{ path: `${path}?again` }] });
    t.match(elsewhere, {
      outcome: { error_type: 'file_download_error' },
      detail: [{ loc: ['body', 'loras', 0, 'path'] }],
    });
  },
);

t.test('an upload ends when it was asked to, for runners too', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const path = await fal.storage.upload(new File(['x'], 'lora.safetensors'), { lifecycle: { expiresIn: '1h' } });
  t.match((await generate(sandbox, fal, { loras: [{ path }] })).detail, [{ type: 'value_error' }], 'it is there');
  await sandbox.clock.advance(3600);
  t.match((await generate(sandbox, fal, { loras: [{ path }] })).detail, [{ type: 'file_download_error' }]);
});

t.test('images outlive the process, with a folder of its own', async (t) => {
  const dataDir = t.testdir();
  const first = buildSandbox({ dataDir, speed: 0 });
  await first.listen();
  const fal = createFalClient({ credentials: key, fetch: first.fetch });
  const loras = [{ path: await uploadLora(fal) }];
  const { result } = await generate(first, fal, { loras, num_images: 2 }, { storageSettings: { expiresIn: 3600 } });
  const files = await filesOf(first, result);
  await first.close();
  const second = buildSandbox({ dataDir, speed: 0 });
  await second.listen();
  const again = await filesOf(second, result);
  await second.clock.advance(3600);
  const { status } = await second.fetch(result.images[0]?.url ?? '');
  await second.close();
  t.ok(again.length === 2 && again.every((bytes, index) => bytes.equals(files[index] ?? Buffer.alloc(0))));
  t.equal(status, 404);
});
