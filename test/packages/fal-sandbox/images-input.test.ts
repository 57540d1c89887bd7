import { once } from 'node:events';
import { createServer } from 'node:http';
import { t } from '../../support/tap.ts';
import { loraFile } from '../../../packages/fal-sandbox/src/lora.ts';
import { flux, generate, uploadLora } from './images-support.ts';
import { call, startSandbox, upload } from './support.ts';

const wrong: [name: string, input: Record<string, unknown>, detail: unknown][] = [
  ['no prompt', { prompt: undefined }, [{ loc: ['body', 'prompt'], type: 'missing', msg: 'Field required' }]],
  ['a prompt that is no text', { prompt: 5 }, [{ loc: ['body', 'prompt'], type: 'string_type' }]],
  ['too many steps', { num_inference_steps: 51 }, [{ type: 'less_than_equal', ctx: { le: 50 }, input: 51 }]],
  ['no image', { num_images: 0 }, [{ loc: ['body', 'num_images'], type: 'greater_than_equal', ctx: { ge: 1 } }]],
  ['five images', { num_images: 5 }, [{ type: 'less_than_equal', ctx: { le: 4 } }]],
  ['much guidance', { guidance_scale: 35.1 }, [{ type: 'less_than_equal', ctx: { le: 35 } }]],
  ['a seed in parts', { seed: 1.5 }, [{ loc: ['body', 'seed'], type: 'int_from_float' }]],
  ['webp', { output_format: 'webp' }, [{ type: 'one_of', msg: "Input should be 'jpeg' or 'png'" }]],
  ['other acceleration', { acceleration: 'high' }, [{ loc: ['body', 'acceleration'], type: 'one_of' }]],
  ['no switch', { enable_safety_checker: 'no' }, [{ type: 'bool_type' }]],
  ['a LoRA for a list', { loras: { path: 'x' } }, [{ loc: ['body', 'loras'], type: 'list_type' }]],
  ['a text for a LoRA', { loras: ['x'] }, [{ loc: ['body', 'loras', 0], type: 'model_attributes_type', input: 'x' }]],
  ['a LoRA without a path', { loras: [{ scale: 1 }] }, [{ loc: ['body', 'loras', 0, 'path'], type: 'missing' }]],
  [
    'a heavy second LoRA',
    { loras: [{ path: 'x' }, { path: 'y', scale: 4.5 }] },
    [{ loc: ['body', 'loras', 1, 'scale'], type: 'less_than_equal', ctx: { le: 4 }, input: 4.5 }],
  ],
  [
    'an unknown size',
    { image_size: 'portrait_3_4' },
    [
      { loc: ['body', 'image_size', 'ImageSize'], type: 'model_attributes_type' },
      { loc: ['body', 'image_size', /^literal\['square_hd','square',/], msg: /'square_hd', .+ or 'landscape_16_9'$/ },
    ],
  ],
  [
    'sides out of range',
    { image_size: { width: 0, height: 14143 } },
    [
      { loc: ['body', 'image_size', 'ImageSize', 'width'], type: 'greater_than', ctx: { gt: 0 } },
      { loc: ['body', 'image_size', 'ImageSize', 'height'], type: 'less_than_equal', ctx: { le: 14142 } },
      { type: 'one_of' },
    ],
  ],
];

for (const [name, input, detail] of wrong) {
  t.test(`the runner refuses ${name}`, async (t) => {
    const { sandbox, fal } = await startSandbox(t);
    const ended = await generate(sandbox, fal, input);
    t.match(ended.outcome, { status: 422, headers: { 'x-fal-billable-units': '0' } });
    t.match(ended.detail, detail);
  });
}

t.test('members that the model does not know are passed over, and noted', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const path = await uploadLora(fal);
  const { id, outcome } = await generate(sandbox, fal, {
    loras: [{ path, weight: 2 }],
    lora_url: path,
    aspect_ratio: '3:4',
    negative_prompt: 'hands',
    image_size: { width: 256, height: 256, depth: 3 },
  });
  t.match(outcome, { status: 200 });
  const { body } = await call(sandbox, `${sandbox.url()}/_sandbox/jobs/${id}`);
  const ignored = new Set(Array.isArray(body.ignored) ? body.ignored : []);
  t.same(ignored, new Set(['aspect_ratio', 'image_size.depth', 'lora_url', 'loras.0.weight', 'negative_prompt']));
});

/** A server that gives a LoRA at /lora.safetensors, whatever the query, and counts what it is asked for. */
async function startHost(t: Parameters<typeof startSandbox>[0]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const found = request.url?.startsWith('/lora.safetensors');
    response.writeHead(found ? 200 : 404).end(found ? loraFile('host', { trigger_phrase: 'ohwx' }) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  return { asked, origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}` };
}

t.test('a LoRA is fetched once for each whole address, and counted', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const { asked, origin } = await startHost(t);
  const [path, other] = [`${origin}/lora.safetensors?expires=1`, `${origin}/lora.safetensors?expires=2`];
  const times: number[] = [];
  const run = async (address: string) => {
    const { id } = await generate(sandbox, fal, { loras: [{ path: address }] });
    const job = sandbox.queue.get(id);
    times.push(Math.round(((job?.endedAt?.sandbox ?? 0) - (job?.startedAt?.sandbox ?? 0)) / 1000));
  };
  await run(path);
  await run(path);
  await run(other);
  t.strictSame(asked, ['/lora.safetensors?expires=1', '/lora.safetensors?expires=2']);
  t.strictSame(times, [12, 4, 12], 'the first use of an address takes its time');
  const { body } = await call(sandbox, `${sandbox.url()}/_sandbox/loras`);
  t.strictSame(body.loras, {
    [path]: { fetches: 1, uses: 2 },
    [other]: { fetches: 1, uses: 1 },
  });
  sandbox.settings.lora_cache = 'none';
  await run(path);
  await run(path);
  t.equal(asked.length, 4);
  t.equal(times.at(-1), 12);
});

t.test('several jobs that begin at once fetch an address once', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { concurrency: 4 } });
  const { asked, origin } = await startHost(t);
  const loras = [{ path: `${origin}/lora.safetensors` }];
  await Promise.all([1, 2, 3, 4].map((seed) => fal.queue.submit(flux, { input: { prompt: 'x', seed, loras } })));
  await sandbox.clock.advance(60);
  t.equal(sandbox.queue.list().filter(({ outcome }) => outcome?.status === 200).length, 4);
  t.equal(asked.length, 1);
});

t.test("a LoRA that can't be fetched, and what is none", async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const { origin } = await startHost(t);
  const good = loraFile('x', {});
  const named = (bytes: Buffer) => upload(fal, bytes, 'lora.safetensors');
  const gone = await generate(sandbox, fal, { loras: [{ path: await uploadLora(fal) }, { path: `${origin}/none` }] });
  t.match(gone, {
    units: '0',
    outcome: { status: 422, error_type: 'file_download_error' },
    detail: [{ loc: ['body', 'loras', 1, 'path'], type: 'file_download_error', input: `${origin}/none` }],
  });
  for (const path of ['https://v3.fal.media/files/none', 'ftp://x/y', 'no-url']) {
    const ended = await generate(sandbox, fal, { loras: [{ path }] });
    t.match(ended.detail, [{ loc: ['body', 'loras', 0, 'path'], type: 'file_download_error', input: path }], path);
  }
  const none: [what: string, path: string][] = [
    ['an empty file', await named(Buffer.alloc(0))],
    ['a web page', await named(Buffer.from('<html>Service Unavailable</html>'))],
    ['one that is cut', await named(good.subarray(0, 5000))],
    ['one with more behind it', await named(Buffer.concat([good, Buffer.alloc(1)]))],
    ['one without tensors', await named(Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]))],
    ['one for another model', await uploadLora(fal, 'x', { base: 'flux2' })],
  ];
  for (const [what, path] of none) {
    const ended = await generate(sandbox, fal, { loras: [{ path }] });
    t.match(
      ended,
      { outcome: { status: 422 }, detail: [{ loc: ['body', 'loras', 0, 'path'], type: 'value_error' }] },
      what,
    );
  }
});

t.test('POSTs are counted by their input', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const input = { prompt: 'x', seed: 1 };
  await fal.queue.submit(flux, { input });
  sandbox.faults.add({ on: 'submit', fault: 'unavailable_before' });
  await fal.queue.submit(flux, { input });
  await fal.queue.submit(flux, { input: { ...input, seed: 2 } });
  const { body } = await call(sandbox, `${sandbox.url()}/_sandbox/submissions?brief=1`);
  t.match(body, { posts: 4, jobs: 3, by_archive: {} });
  t.strictSame(body.by_input, {
    '{"prompt":"x","seed":1}': { posts: 3, jobs: 2 },
    '{"prompt":"x","seed":2}': { posts: 1, jobs: 1 },
  });
});
