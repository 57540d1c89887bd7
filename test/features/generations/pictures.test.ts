import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { generate, trained } from './story.ts';

// Pictures of a megapixel are drawn and decoded.
t.setTimeout(180_000);

const app = await startApp(t, {
  environment: { ...eagerChecks, MAX_GENERATIONS_PER_USER: '20', MAX_SUBMISSIONS_PER_USER_PER_DAY: '100' },
  sandbox: { settings: { concurrency: 20 } },
});
const { call, sandbox, database, folder } = app;
const { avatarId } = await trained(app);
t.beforeEach(async () => sandbox.faults.clear());

type Row = { index: number; status: string; width: number | null; height: number | null; sha256: string | null };
type Stored = Row & { storage_key: string | null; thumbnail_key: string | null };

async function imagesOf(id: string): Promise<Stored[]> {
  const { rows } = await database.pool.query<Stored>(
    'select * from generation_images where generation_id = $1 order by index',
    [id],
  );
  return rows;
}

const fileOf = (key: string | null) => readFile(join(folder, 'storage', key ?? ''));

async function made(json: Record<string, unknown>) {
  const generation = await generate(app, avatarId, json);
  await sandbox.queue.complete(await generation.job());
  const row = await generation.is('succeeded');
  return { id: generation.id, row, images: await imagesOf(generation.id) };
}

t.test('a picture of each aspect ratio has exactly the size that is promised', async (t) => {
  const [model] = (await call('GET', '/v1/models')).body.data;
  const sizes: { aspect_ratio: string; width: number; height: number }[] = model.sizes;
  t.equal(sizes.length, 10);
  for (const { aspect_ratio, width, height } of sizes) {
    const { images } = await made({ aspect_ratio, prompt: `as ${aspect_ratio}` });
    t.match(images, [{ status: 'ok', width, height }], aspect_ratio);
    const bytes = await fileOf(images[0]?.storage_key ?? null);
    // Decoded to its last pixel.
    const { info } = await sharp(bytes, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
    t.match(info, { width, height }, aspect_ratio);
    t.equal(createHash('sha256').update(bytes).digest('hex'), images[0]?.sha256);
  }
});

t.test('one seed and all else equal give one picture; another seed, prompt or scale gives another', async (t) => {
  const asked = { prompt: 'by the window', seed: 11, width: 256, height: 256 };
  const hashOf = async (json: Record<string, unknown>) => (await made({ ...asked, ...json })).images[0]?.sha256;
  const first = await hashOf({});
  t.match(first, /^[0-9a-f]{64}$/);
  t.equal(await hashOf({}), first);
  const others = [
    await hashOf({ seed: 12 }),
    await hashOf({ prompt: 'by the door' }),
    await hashOf({ lora_scale: 0.5 }),
  ];
  t.equal(new Set([first, ...others]).size, 4);
});

t.test(
  'flagged first, in the middle and black without a word: rows without a picture, and the others are kept',
  async (t) => {
    for (const [fault, images] of [
      ['nsfw', [0]],
      ['nsfw', [1, 2]],
      ['black', [0]],
      ['black', [2]],
    ] as const) {
      sandbox.faults.set([{ on: 'job', fault, images: [...images] }]);
      const { row, ...its } = await made({
        num_images: 3,
        width: 256,
        height: 256,
        prompt: `${fault} ${images.join()}`,
      });
      t.match(row, { images_ok: 3 - images.length, charged: 'yes', error: null });
      t.same(
        its.images.map(({ status }) => status),
        [0, 1, 2].map((index) => ((images as readonly number[]).includes(index) ? 'flagged' : 'ok')),
        `${fault} at ${images.join()}`,
      );
      for (const { status, storage_key, sha256 } of its.images) {
        if (status === 'flagged') t.same([storage_key, sha256], [null, null]);
      }
    }
  },
);

t.test('a stored picture says that it was made by AI and in the sandbox, and nothing of its prompt', async (t) => {
  for (const output_format of ['jpeg', 'png']) {
    const { id, images } = await made({ prompt: 'QZPROMPTQZ at noon', output_format, width: 256, height: 256 });
    const [image] = images;
    for (const key of [image?.storage_key, image?.thumbnail_key]) {
      const bytes = await fileOf(key ?? null);
      const { exif, xmp } = await sharp(bytes).metadata();
      t.match(xmp?.toString(), /trainedAlgorithmicMedia/);
      t.match(xmp?.toString(), /Likeness sandbox/);
      t.equal(exif, undefined);
      for (const word of ['QZPROMPTQZ', 'ohwx', id, avatarId])
        t.notOk(bytes.includes(word), `${output_format}: ${word}`);
    }
  }
  const names = await readdir(join(folder, 'storage'), { recursive: true });
  t.notOk(names.join().includes('QZPROMPTQZ'), 'nor does the name of any object');
});

t.test('ten pictures of an avatar that was just trained make fal fetch its weights once', async (t) => {
  const { avatarId: fresh } = await trained(app);
  const before = new Set(Object.keys(sandbox.loras.counts()));
  const uploads = sandbox.files.uploads().length;
  const small = { width: 256, height: 256 };
  const ten = await Promise.all(Array.from({ length: 10 }, () => generate(app, fresh, small)));
  for (const generation of ten) {
    await sandbox.queue.complete(await generation.job());
    await generation.is('succeeded');
  }
  const counts = Object.entries(sandbox.loras.counts()).filter(([address]) => !before.has(address));
  t.same(
    counts.map(([, { fetches }]) => fetches),
    [1],
    'by one address',
  );
  t.ok(sandbox.files.uploads().length - uploads <= 1, 'uploaded once at most');
});
