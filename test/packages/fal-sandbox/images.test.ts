import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { t } from '../../support/tap.ts';
import { bytesOf, filesOf, flux, generate, look, uploadLora } from './images-support.ts';
import { call, photoZip, startReceiver, startSandbox, turbo, upload } from './support.ts';

t.test('the real client trains a LoRA and makes images with it', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const receiver = await startReceiver(t, sandbox);
  const input = { images_data_url: await upload(fal, await photoZip(4)), trigger_phrase: 'zfk person' };
  const { request_id: trained } = await fal.queue.submit(turbo, { input });
  await sandbox.clock.advance(600);
  const { data: training } = await fal.queue.result(turbo, { requestId: trained });
  const path = training.diffusers_lora_file.url;

  const { request_id: requestId } = await fal.queue.submit(flux, {
    input: {
      prompt: 'zfk person at sea',
      loras: [{ path, scale: 0.9 }],
      num_images: 2,
      seed: 7,
      image_size: { width: 832, height: 1040 },
    },
    webhookUrl: receiver.url,
  });
  await sandbox.clock.advance(6);
  const running = await fal.queue.status(flux, { requestId, logs: true });
  t.match(running.status === 'IN_PROGRESS' && running.logs[0]?.message, /^Loading LoRA 1\/1 [0-9a-f]{8}: downloading$/);
  await sandbox.clock.advance(60);
  const done = await fal.queue.status(flux, { requestId, logs: true });
  t.match(done.status === 'COMPLETED' && done.logs.at(-2)?.message, / 28\/28 \[00:08<00:00, +3\.50it\/s\]$/);
  const { data } = await fal.queue.result(flux, { requestId });
  t.match(data, { seed: 7, has_nsfw_concepts: [false, false], prompt: 'zfk person at sea', timings: { inference: 8 } });
  t.match(data.images, [
    { width: 832, height: 1040, content_type: 'image/jpeg', url: /^https:\/\/v3b\.fal\.media\/files\/.+\.jpg$/ },
    { width: 832, height: 1040 },
  ]);
  for (const { url } of data.images) {
    const { format, width, height, xmp } = await sharp(await bytesOf(sandbox, url)).metadata();
    t.match({ format, width, height }, { format: 'jpeg', width: 832, height: 1040 });
    t.match(xmp?.toString(), /fal-sandbox; shows nobody/);
  }
  const [webhook] = receiver.received;
  t.match(JSON.parse(webhook?.raw.toString() ?? ''), { status: 'OK', payload: { seed: 7 } });

  const result = `https://queue.fal.run/${flux}/requests/${requestId}`;
  t.equal(
    (await call(sandbox, result)).headers.get('x-fal-billable-units'),
    '2',
    'two images of less than a megapixel',
  );
  t.equal((await call(sandbox, `${result}/status`)).headers.get('x-fal-billable-units'), null);
  t.equal(webhook?.headers['x-fal-billable-units'], undefined, 'a webhook tells no units');
});

t.test('a picture shows what made it: one input, one file, and each part of the input changes it', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const [one, two] = [await uploadLora(fal, 'one'), await uploadLora(fal, 'two')];
  const plain = { prompt: 'ohwx person', seed: 1, loras: [{ path: one }] };
  const hashes = async (input: Record<string, unknown>) => {
    const { result } = await generate(sandbox, fal, { ...plain, ...input });
    return (await filesOf(sandbox, result)).map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  };
  const [first, second] = await hashes({ num_images: 2 });
  t.strictSame(await hashes({}), [first], 'the number of images changes none of them');
  const others: Record<string, Record<string, unknown>> = {
    seed: { seed: 2 },
    prompt: { prompt: 'ohwx person, smiling' },
    'the end of a long prompt': { prompt: `ohwx person ${'a'.repeat(200)}` },
    'another end': { prompt: `ohwx person ${'a'.repeat(199)}b` },
    LoRA: { loras: [{ path: two }] },
    scale: { loras: [{ path: one, scale: 0.5 }] },
    steps: { num_inference_steps: 20 },
    guidance: { guidance_scale: 2 },
    format: { output_format: 'png' },
    size: { image_size: { width: 512, height: 528 } },
    none: { loras: [] },
  };
  const seen = new Set([first, second]);
  for (const [what, input] of Object.entries(others)) {
    const [hash] = await hashes(input);
    t.notOk(seen.has(hash), what);
    seen.add(hash);
  }
});

t.test('two LoRAs show two faces, and one LoRA one', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const face = async (seed: string, index: number) => {
    const { result } = await generate(sandbox, fal, {
      loras: [{ path: await uploadLora(fal, seed) }],
      seed: 5,
      num_images: index + 1,
      output_format: 'png',
    });
    const middle = { left: 226, top: 130, width: 60, height: 60 };
    return sharp(await bytesOf(sandbox, result.images[index]?.url))
      .extract(middle)
      .raw()
      .toBuffer();
  };
  const differ = (a: Buffer, b: Buffer) =>
    a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
  const faces = await Promise.all(['a', 'b', 'c', 'd'].map((seed) => face(seed, 0)));
  for (const [place, one] of faces.entries()) {
    for (const other of faces.slice(place + 1)) t.ok(differ(one, other) > 20, `${differ(one, other)}`);
  }
  const own = differ(faces[0] ?? Buffer.alloc(0), await face('a', 1));
  t.ok(own < 20, `the face stays in another image: ${own}`);
});

t.test('a trigger that is missing stands there in red', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const [red, green] = [
    [255, 60, 60],
    [110, 220, 120],
  ] as const;
  const [taught, untaught] = [await uploadLora(fal), await uploadLora(fal, 'one', { trigger_phrase: '' })];
  const foreign = await upload(fal, await foreignLora(), 'foreign.safetensors');
  const cases: [prompt: string, loras: { path: string }[], says: 'red' | 'green' | 'neither'][] = [
    ['an OHWX person', [{ path: taught }], 'green'],
    ['ohwxy person', [{ path: taught }], 'red'],
    ['a person', [{ path: taught }], 'red'],
    ['a person', [{ path: untaught }], 'neither'],
    ['a person', [{ path: foreign }], 'neither'],
    ['a person', [], 'red'],
  ];
  for (const [prompt, loras, says] of cases) {
    const { result } = await generate(sandbox, fal, { prompt, loras, output_format: 'png' });
    const bytes = await bytesOf(sandbox, result.images[0]?.url);
    const [reds, greens] = [(await look(bytes, red)).share, (await look(bytes, green)).share];
    t.equal(reds > 0.0005, says === 'red', `${prompt}: ${reds}`);
    t.equal(greens > 0.0005, says === 'green', `${prompt}: ${greens}`);
  }
});

/** A safetensors file that says nothing of the sandbox. */
async function foreignLora(): Promise<Buffer> {
  const header = JSON.stringify({ x: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }).padEnd(64);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(64n);
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]);
}

t.test('sizes by name, and by pixels down to multiples of 16', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const cases: [size: unknown, width: number, height: number, units: string][] = [
    ['square_hd', 1024, 1024, '1'],
    ['square', 512, 512, '1'],
    ['portrait_4_3', 768, 1024, '1'],
    ['portrait_16_9', 576, 1024, '1'],
    ['landscape_4_3', 1024, 768, '1'],
    ['landscape_16_9', 1024, 576, '1'],
    [undefined, 1024, 768, '1'],
    [{ width: 1080, height: 1000 }, 1072, 992, '2'],
    [{ width: 256 }, 256, 512, '1'],
    [{ width: 3, height: 40 }, 16, 32, '1'],
  ];
  for (const [image_size, width, height, units] of cases) {
    const told = await generate(sandbox, fal, { image_size });
    t.match(told, { units, result: { images: [{ width, height }] } }, JSON.stringify(image_size));
    t.match(await look(await bytesOf(sandbox, told.result.images[0]?.url)), { width, height });
  }
  const large = await generate(sandbox, fal, { image_size: { width: 14142, height: 14142 } });
  t.match(large.outcome, { status: 500, error_type: 'internal_server_error' });
});

t.test('the seed: as given, also one that no number holds, or drawn', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  t.match((await generate(sandbox, fal, { seed: 0 })).text, /"seed":0,/);
  const wide = '17454220438242315174';
  const body = `{"prompt":"x","image_size":"square","seed":${wide}}`;
  const { body: answer } = await call(sandbox, `https://queue.fal.run/${flux}`, { method: 'POST', body });
  await sandbox.clock.advance(60);
  t.match((await call(sandbox, String(answer.response_url))).text, `"seed":${wide},`);
  const [, drawn = ''] = /"seed":(\d+),/.exec((await generate(sandbox, fal, {})).text) ?? [];
  t.ok(BigInt(drawn) > 2n ** 53n, drawn);
  sandbox.settings.seed_in_payload = false;
  const [, small = ''] = /"seed":(\d+),/.exec((await generate(sandbox, fal, { seed: null })).text) ?? [];
  t.ok(BigInt(small) < 2n ** 32n, small);
});

t.test('the safety checker blackens and flags, unless it is off', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const unsafe = await generate(sandbox, fal, { prompt: 'a Sandbox-NSFW scene', num_images: 2 });
  t.match(unsafe, { units: '2', result: { has_nsfw_concepts: [true, true], images: [{ width: 512 }, {}] } });
  for (const bytes of await filesOf(sandbox, unsafe.result)) {
    t.match(await look(bytes), { share: 1, width: 512, height: 512 });
  }
  const unchecked = await generate(sandbox, fal, { prompt: 'sandbox-nsfw', enable_safety_checker: false });
  t.strictSame(unchecked.result.has_nsfw_concepts, [false]);
  t.ok((await look(await bytesOf(sandbox, unchecked.result.images[0]?.url))).share < 0.5);
});

t.test('sync_mode puts the images into the result, and they are in no record of fal', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const { id, result } = await generate(sandbox, fal, { sync_mode: true, output_format: 'png' });
  const [, type, data = ''] = /^data:(.+);base64,(.+)$/.exec(result.images[0]?.url ?? '') ?? [];
  t.equal(type, 'image/png');
  t.match(await look(Buffer.from(data, 'base64')), { width: 512, height: 512 });
  const search = `https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=${flux}&expand=payloads`;
  t.match((await call(sandbox, search)).body, { items: [{ request_id: id, json_input: {}, json_output: null }] });
});

t.test('prices and search know the model', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { settings: { megapixel_usd: 0.05, timestamps: 'sandbox' } });
  const pricing = `https://api.fal.ai/v1/models/pricing?endpoint_id=${flux}`;
  const price = { endpoint_id: flux, unit_price: 0.05, unit: 'megapixels', currency: 'USD' };
  t.match((await call(sandbox, pricing)).body, { prices: [price] });

  const began = sandbox.clock.now();
  const first = await generate(sandbox, fal, { prompt: 'first', seed: 1 });
  const second = await generate(sandbox, fal, { prompt: 'second', seed: 2 }, { headers: { 'x-fal-store-io': '0' } });
  const at = (seconds: number) => new Date(began + seconds * 1000).toISOString();
  const items = async (start: number, end: number) => {
    const search = `https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=${flux}&expand=payloads`;
    return (await call(sandbox, `${search}&start=${at(start)}&end=${at(end)}`)).body.items;
  };
  t.match(await items(-1, 300), [{ request_id: first.id, json_input: { prompt: 'first', seed: 1 }, json_output: {} }]);
  t.match(await items(300, 900), [{ request_id: second.id, json_input: null, json_output: null }], 'not stored');
  t.strictSame(await items(601, 900), []);
});
