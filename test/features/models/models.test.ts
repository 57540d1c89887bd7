import { t } from '../../support/tap.ts';
import { Problem } from '../../../src/errors.ts';
import { fluxLora } from '../../../src/features/models/flux-lora.ts';
import { type AspectRatio, aspectRatios, defineModel, type Model } from '../../../src/features/models/model.ts';
import { chooseModel, defaultModel, modelNamed } from '../../../src/features/models/registry.ts';
import { type AskedImages, estimateImages, resolveImages } from '../../../src/features/models/settings.ts';
import { trainers } from '../../../src/features/trainers/registry.ts';

const loraUrl = 'https://v3.fal.media/files/b/lora.safetensors';

function inputOf(asked: AskedImages, seed = 7): string {
  const { settings, width, height, numImages } = resolveImages(fluxLora, asked);
  const job = { finalPrompt: 'ohwx man, at sea', width, height, numImages, seed, settings, loraUrl };
  return JSON.stringify(fluxLora.input(job));
}

function problemOf(run: () => unknown): Problem {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

t.test('the input says every argument, the LoRA by fal’s own member, in a fixed order', async (t) => {
  t.equal(
    inputOf({}),
    `{"prompt":"ohwx man, at sea","image_size":{"width":1024,"height":1024},"num_inference_steps":28,"seed":7,"loras":[{"path":"${loraUrl}","scale":1}],"guidance_scale":3,"num_images":1,"sync_mode":false,"enable_safety_checker":true,"output_format":"jpeg","acceleration":"none"}`,
  );
  t.equal(
    inputOf({
      preset: 'quality',
      steps: 50,
      lora_scale: 0.8,
      output_format: 'png',
      num_images: 4,
      width: 256,
      height: 1440,
    }),
    `{"prompt":"ohwx man, at sea","image_size":{"width":256,"height":1440},"num_inference_steps":50,"seed":7,"loras":[{"path":"${loraUrl}","scale":0.8}],"guidance_scale":2.8,"num_images":4,"sync_mode":false,"enable_safety_checker":true,"output_format":"png","acceleration":"none"}`,
  );
});

t.test('each aspect ratio has its exact size and price, and none is coerced to another', async (t) => {
  const expected: Record<AspectRatio, [number, number, number]> = {
    '1:1': [1024, 1024, 0.035],
    '4:3': [1152, 864, 0.035],
    '3:4': [864, 1152, 0.035],
    '5:4': [1040, 832, 0.035],
    '4:5': [832, 1040, 0.035],
    '3:2': [1200, 800, 0.035],
    '2:3': [800, 1200, 0.035],
    '16:9': [1280, 720, 0.035],
    '9:16': [720, 1280, 0.035],
    '21:9': [1456, 624, 0.035],
  };
  for (const aspect_ratio of aspectRatios) {
    const { width, height, aspectRatio, numImages } = resolveImages(fluxLora, { aspect_ratio });
    const [across, down, price] = expected[aspect_ratio];
    t.same([width, height, aspectRatio], [across, down, aspect_ratio]);
    t.equal(estimateImages(fluxLora, { width, height, numImages }), price, aspect_ratio);
  }
  t.equal(estimateImages(fluxLora, { width: 1440, height: 1440, numImages: 4 }), 0.28, 'each image is rounded up');
});

t.test('a side between two multiples is refused with both of them, and nothing is rounded', async (t) => {
  const cases: [AskedImages, string, string][] = [
    [{ width: 1000, height: 1024 }, '/width', '992 and 1008'],
    [{ width: 1024, height: 1439 }, '/height', '1424 and 1440'],
    [{ width: 240, height: 1024 }, '/width', 'from 256 to 1440'],
    [{ width: 1024, height: 1456 }, '/height', 'from 256 to 1440'],
    [{ width: 1024 }, '/height', 'is missing'],
    [{ height: 1024 }, '/width', 'is missing'],
    [{ width: 512, height: 512, aspect_ratio: '1:1' }, '/aspect_ratio', 'one or the other'],
  ];
  for (const [asked, field, words] of cases) {
    const { code, errors } = problemOf(() => resolveImages(fluxLora, asked));
    t.equal(code, 'invalid-setting');
    t.same(
      errors.map((item) => item.field),
      [field],
    );
    t.match(errors[0]?.detail, words);
  }
});

t.test('each member that is out of range is named with its range', async (t) => {
  const asked = {
    steps: 51,
    guidance_scale: -1,
    lora_scale: 4.1,
    num_images: 5,
    seed: 4294967296,
    output_format: 'gif',
  };
  const { code, errors } = problemOf(() => resolveImages(fluxLora, asked));
  t.equal(code, 'invalid-setting');
  t.same(Object.fromEntries(errors.map(({ field, detail }) => [field, detail])), {
    '/steps': 'must be a whole number from 1 to 50',
    '/guidance_scale': 'must be a number from 0 to 35',
    '/lora_scale': 'must be a number from 0 to 4',
    '/output_format': 'must be jpeg or png',
    '/num_images': 'must be a whole number from 1 to 4',
    '/seed': 'must be a whole number from 0 to 4294967295',
  });
  t.equal(resolveImages(fluxLora, { seed: 4294967295 }).seed, 4294967295);
  t.equal(resolveImages(fluxLora, { seed: 0 }).seed, 0);
});

t.test('a setting that the model does not know is refused by its name', async (t) => {
  const { lora_scale: _, ...settings } = fluxLora.settings;
  const plain: Model = { ...fluxLora, name: 'plain', settings };
  const { errors } = problemOf(() => resolveImages(plain, { lora_scale: 1 }));
  t.match(errors, [{ field: '/lora_scale', code: 'unknown-setting', detail: /not a setting of plain.*flux-lora/ }]);
});

t.test('a result gives its images in order, with the flag of each', async (t) => {
  const image = (name: string) => ({ url: `https://v3.fal.media/${name}`, width: null, content_type: null });
  const url = (name: string) => `https://v3.fal.media/${name}`;
  const result = { images: [image('a'), { url: null }, image('c')], has_nsfw_concepts: [false, false, true], seed: 7 };
  t.same(fluxLora.output({ ...result, prompt: 'p' }), {
    images: [
      { url: url('a'), flagged: false },
      { url: url('c'), flagged: true },
    ],
    seed: 7,
    prompt: 'p',
  });
  t.same(fluxLora.output({ images: [image('a')], has_nsfw_concepts: null }), {
    images: [{ url: url('a'), flagged: false }],
    seed: null,
    prompt: null,
  });
  for (const nothing of [null, 'x', {}, { images: null }, { images: [] }, { images: [null, {}, { url: 'data:x' }] }]) {
    t.equal(fluxLora.output(nothing), null);
  }
});

t.test(
  'a model that can no longer be used is refused with the reason, an unknown one with those that are taken',
  async (t) => {
    t.equal(chooseModel(), defaultModel);
    t.equal(chooseModel('flux-lora'), modelNamed('flux-lora'));
    const retired = problemOf(() => chooseModel('flux-pro-finetuned'));
    t.equal(retired.code, 'model-retired');
    t.match(retired.message, 'fal has ended');
    const unknown = problemOf(() => chooseModel('dall-e'));
    t.equal(unknown.code, 'invalid-setting');
    t.match(unknown.message, 'flux-lora');
    t.throws(() => modelNamed('dall-e'), { message: /no model named/ });
  },
);

t.test('the model takes the LoRAs of every trainer', async (t) => {
  for (const trainer of trainers) t.equal(trainer.base, defaultModel.base, trainer.name);
});

t.test('a model with a default, preset or size out of its own ranges is not defined', async (t) => {
  const { status: _, ...record } = fluxLora;
  const cases: [Partial<typeof record>, RegExp][] = [
    [{ presets: { ...record.presets, fast: { steps: 51 } } }, /fast of flux-lora: steps must be/],
    [
      { settings: { ...record.settings, lora_scale: { ...record.settings.lora_scale!, default: 5 } } },
      /lora_scale must/,
    ],
    [{ sizes: { ...record.sizes, '3:4': { width: 1024, height: 1024 } } }, /1024×1024 of flux-lora is not 3:4/],
    [{ sizes: { ...record.sizes, '1:1': { width: 1000, height: 1000 } } }, /multiples of 16/],
  ];
  for (const [changes, message] of cases) t.throws(() => defineModel({ ...record, ...changes }), { message });
});
