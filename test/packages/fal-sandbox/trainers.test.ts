import { createServer } from 'node:http';
import { once } from 'node:events';
import type { FalClient } from '@fal-ai/client';
import { t } from '../../support/tap.ts';
import type { Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import { fast, photo, photoZip, portrait, startSandbox, turbo, upload, zip } from './support.ts';

/** Runs a training to its end and gives what the result relays. */
async function train(sandbox: Sandbox, fal: FalClient, endpoint: string, input: Record<string, unknown>) {
  const { request_id: id } = await fal.queue.submit(endpoint, { input });
  await sandbox.clock.advance(3600);
  const status = await fal.queue.status(endpoint, { requestId: id, logs: true });
  const outcome = sandbox.queue.get(id)?.outcome;
  return { id, status, outcome, detail: detailOf(outcome?.body) };
}

function detailOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
}

/** Reads a safetensors file by the words of its format: header length, JSON, tensors without gaps. */
function readSafetensors(bytes: Buffer) {
  const length = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & {
    __metadata__?: Record<string, string>;
  } = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const { __metadata__: metadata, ...tensors } = header;
  let end = 0;
  for (const { dtype, shape, data_offsets: offsets } of Object.values(tensors)) {
    t.equal(dtype, 'BF16');
    t.equal(offsets[0], end);
    end = offsets[1];
    t.equal(offsets[1] - offsets[0], 2 * shape.reduce((product, size) => product * size, 1));
  }
  t.equal(8 + length + end, bytes.length, 'nothing missing, nothing left over');
  return { metadata, names: Object.keys(tensors) };
}

t.test("a result is a valid LoRA and a config, both known as the sandbox's", async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { images_data_url: await upload(fal, await photoZip(4)), steps: 100, trigger_phrase: 'TOK' };
  const files = async () => {
    const { id } = await train(sandbox, fal, portrait, input);
    const { data } = await fal.queue.result(portrait, { requestId: id });
    const get = async (url: string) => Buffer.from(await (await sandbox.fetch(url)).arrayBuffer());
    return { lora: await get(data.diffusers_lora_file.url), config: await get(data.config_file.url) };
  };
  const first = await files();
  const { metadata, names } = readSafetensors(first.lora);
  t.match(metadata, { sandbox: 'true', format: 'pt' });
  t.ok(names.includes('transformer.transformer_blocks.0.attn.to_q.lora_A.weight'));
  t.ok(first.lora.length > 100_000 && first.lora.length < 400_000);
  t.match(JSON.parse(first.config.toString()), { sandbox: true, steps: 100, trigger_phrase: 'TOK', images: 4 });
  t.ok((await files()).lora.equals(first.lora), 'the same input gives the same LoRA');
  input.steps = 101;
  t.notOk((await files()).lora.equals(first.lora));
});

const wrong: [name: string, endpoint: string, input: Record<string, unknown>, detail: unknown][] = [
  ['nothing', portrait, {}, [{ loc: ['body', 'images_data_url'], type: 'missing', msg: 'Field required' }]],
  ['too many steps', portrait, { steps: 99999 }, [{ type: 'less_than_equal', ctx: { le: 10000 }, input: 99999 }]],
  ['no steps', turbo, { steps: 0 }, [{ loc: ['body', 'steps'], type: 'greater_than_equal', ctx: { ge: 1 } }]],
  ['half a step', fast, { steps: 1.5 }, [{ type: 'int_from_float' }]],
  ['a text for a number', portrait, { learning_rate: 'fast' }, [{ type: 'float_type' }]],
  ['a high rate', portrait, { learning_rate: 0.01 }, [{ type: 'less_than_equal', ctx: { le: 0.001 } }]],
  ['null where none may be', portrait, { steps: null }, [{ type: 'int_type' }]],
  ['no boolean', portrait, { subject_crop: 'yes' }, [{ type: 'bool_type' }]],
  ['another style', turbo, { training_style: 'object' }, [{ type: 'one_of', ctx: { expected: ['subject', 'style'] } }]],
  ['two at once', fast, { steps: 'x', is_style: 1 }, [{ type: 'int_type' }, { type: 'bool_type' }]],
];

for (const [name, endpoint, input, detail] of wrong) {
  t.test(`the runner refuses ${name} of ${endpoint}`, async (t) => {
    const { sandbox, fal } = await startSandbox(t);
    const data = name === 'nothing' ? {} : { images_data_url: 'https://v3.fal.media/files/x.zip' };
    const ended = await train(sandbox, fal, endpoint, { ...data, ...input });
    t.match(ended.outcome, { status: 422, headers: { 'x-fal-billable-units': '0' } });
    t.match(ended.detail, detail);
    t.match(ended.status, { status: 'COMPLETED', error: String, error_type: String });
  });
}

t.test('settings that a trainer does not know, and null where it may be, are let pass', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const images_data_url = await upload(fal, await photoZip(4));
  const input = { images_data_url, steps: null, trigger_word: null, learning_rate: 5 };
  const { outcome, status } = await train(sandbox, fal, fast, input);
  t.match(outcome, { status: 200, headers: { 'x-fal-billable-units': '1000' } });
  t.match(status.status === 'COMPLETED' && status.logs.at(-2)?.message, / 1000\/1000 /);
});

t.test('what is wrong with an archive is found when it is opened', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const good = { 'a.jpg': await photo(1), 'b.JPG': await photo(2), 'c.jpeg': await photo(3) };
  const rotten = (await photo(9, 1024)).subarray(0, 3000);
  const archives: Record<string, [bytes: Buffer, detail: unknown]> = {
    'no zip': [Buffer.from('not a zip'), [{ type: 'invalid_archive', ctx: { supported_extensions: ['.zip'] } }]],
    'cut zip': [(await photoZip(6)).subarray(0, -100), [{ type: 'invalid_archive' }]],
    'three images': [
      await zip({ ...good, 'c.txt': 'x', '__MACOSX/d.jpg': '', '.e.jpg': '' }),
      [{ ctx: { min_count: 4, provided_count: 3 } }],
    ],
    'a truncated image': [await zip({ ...good, 'd.jpg': rotten }), [{ type: 'image_load_error', msg: /d\.jpg/ }]],
    'a text named jpg': [await zip({ ...good, 'd.jpg': 'hello' }), [{ type: 'image_load_error' }]],
    'a small image': [await zip({ ...good, 'd.jpg': await photo(4, 100) }), [{ type: 'image_too_small' }]],
  };
  for (const [name, [bytes, detail]] of Object.entries(archives)) {
    const ended = await train(sandbox, fal, portrait, { images_data_url: await upload(fal, bytes) });
    t.match(ended.detail, detail, name);
    t.equal(ended.outcome?.status, 422, name);
  }
});

t.test('captions and masks are told from images', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const four = { 'a.jpg': await photo(1), 'b.jpg': await photo(2), 'c.jpg': await photo(3), 'd.jpg': await photo(4) };
  const images_data_url = await upload(
    fal,
    await zip({ ...four, 'a_mask.jpg': await photo(0), 'a.txt': 'a [trigger]' }),
  );
  const { status } = await train(sandbox, fal, fast, { images_data_url, steps: 10 });
  t.match(status.status === 'COMPLETED' && status.logs[0]?.message, '4 images, 1 captions');
});

t.test("archives that can't be fetched, and one from elsewhere", async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const bytes = await photoZip(4);
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/photos.zip?x=1' ? 200 : 404).end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  for (const url of ['https://v3.fal.media/files/none.zip', `${origin}/none.zip`, 'ftp://x/y.zip', 'no-url']) {
    const ended = await train(sandbox, fal, portrait, { images_data_url: url });
    t.match(ended.detail, [{ type: 'file_download_error', input: url }]);
  }
  const input = { images_data_url: `${origin}/photos.zip?x=1`, steps: 10 };
  t.match((await train(sandbox, fal, portrait, input)).outcome, { status: 200 });
  t.match((await train(sandbox, fal, portrait, { images_data_url: `${origin}/photos` })).detail, [
    { type: 'invalid_archive' },
  ]);
});

t.test('an app takes a path below it, and its runner knows none', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const ended = await train(sandbox, fal, `${portrait}/edit`, { images_data_url: 'x' });
  t.match(ended.outcome, { status: 404, body: { detail: 'Path /edit not found' } });
});
