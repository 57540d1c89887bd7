import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { deliverTo, generate, trained } from '../generations/story.ts';

const app = await startApp(t, {
  environment: {
    ...eagerChecks,
    GENERATION_POLL_FIRST_SECONDS: '0.2',
    GENERATION_POLL_SECONDS: '0.5',
    MAX_GENERATIONS_PER_USER: '8',
  },
  sandbox: { settings: { concurrency: 20 } },
});
const { call, sandbox, url, key } = app;
const endpoint = 'fal-ai/flux-lora';
const { avatarId } = await trained(app);
t.beforeEach(() => sandbox.faults.clear());

type Made = { id: string; status: string; width: number; height: number; sha256: string | null };

async function made(json: Record<string, unknown>) {
  const generation = await generate(app, avatarId, json);
  await sandbox.queue.complete(await generation.job());
  await generation.when('its end', ({ ended_at }) => ended_at !== null);
  const { body } = await call('GET', `/v1/generations/${generation.id}`);
  const images: Made[] = body.images;
  return { ...body, images, row: await generation.row() };
}

async function bytesOf(path: string): Promise<Buffer> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  if (answer.status !== 200) throw new Error(`${path} is answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

t.test('what is kept of a picture of fal is its pixels, of the size asked for, and who made it', async (t) => {
  for (const [output_format, asked] of [
    ['jpeg', { aspect_ratio: '9:16' }],
    ['png', { width: 256, height: 320 }],
  ] as const) {
    const prompt = 'QZPROMPTQZ at the sea';
    const { images, row, width, height } = await made({ prompt, output_format, ...asked });
    const file = await bytesOf(`/v1/images/${images[0]?.id}/content`);
    const thumbnail = await bytesOf(`/v1/images/${images[0]?.id}/thumbnail`);
    const seen = await sharp(file).metadata();
    t.match(seen, { format: output_format, width, height });
    t.same([images[0]?.width, images[0]?.height], [width, height]);
    const source = (row.result as { images: { url: string }[] }).images[0]?.url ?? '';
    const given = sandbox.files.find(source);
    t.ok(given, 'the sandbox has the file');
    const whole = await fetch(`${app.config.fal.baseUrl}/${source.replace('https://', '')}`);
    const before = Buffer.from(await whole.arrayBuffer());
    t.match(String((await sharp(before).metadata()).xmp), /fal-sandbox/);
    t.ok((await sharp(file).raw().toBuffer()).equals(await sharp(before).raw().toBuffer()), 'no pixel is another');
    for (const one of [file, thumbnail]) {
      const xmp = String((await sharp(one).metadata()).xmp);
      t.match(xmp, /trainedAlgorithmicMedia/);
      t.match(xmp, /Likeness sandbox/);
      t.notMatch(xmp, /fal-sandbox/);
      t.notOk(one.includes('QZPROMPTQZ') || one.includes(row.id), 'neither prompt nor ids');
    }
  }
});

t.test('what fell short is told with the generation, and one good image is a success', async (t) => {
  const size = { width: 256, height: 320, num_images: 2 };
  for (const [fault, statuses, codes] of [
    ['nsfw', ['flagged', 'ok'], []],
    ['black', ['flagged', 'ok'], []],
    ['not_an_image', ['lost', 'ok'], ['image-lost']],
    ['wrong_size', ['ok', 'ok'], ['other-size']],
    ['same_images', ['ok', 'ok'], ['same-image']],
  ] as const) {
    sandbox.faults.set([{ on: 'job', fault, images: fault === 'same_images' ? [1] : [0], endpoint } as never]);
    const { status, images, warnings, charged, images_ok } = await made(size);
    t.match({ status, charged }, { status: 'succeeded', charged: 'yes' }, fault);
    t.same(
      images.map((image: Made) => image.status),
      statuses,
      fault,
    );
    t.equal(images_ok, statuses.filter((one) => one === 'ok').length, fault);
    t.same([...new Set(warnings.map(({ code }: { code: string }) => code))], codes, fault);
    for (const { id, sha256 } of images) {
      const { body } = await call('GET', `/v1/images/${id}`);
      t.equal(body.sha256, sha256);
    }
  }
});

t.test('images of which none can be used are a failure that was paid', async (t) => {
  for (const [fault, code] of [
    ['not_an_image', 'image-invalid'],
    ['black', 'all-images-flagged'],
  ] as const) {
    sandbox.faults.set([{ on: 'job', fault, endpoint } as never]);
    const { status, error, charged, images } = await made({ width: 256, height: 256, num_images: 2 });
    t.match({ status, code: error.code, charged }, { status: 'failed', code, charged: 'yes' });
    t.same(images, []);
  }
});

t.test('images of an avatar that is deleted while they are stored are deleted too', async (t) => {
  const own = await trained(app);
  const generation = await generate(app, own.avatarId, { width: 256, height: 256, num_images: 2 });
  const job = await generation.job();
  const payload = { detail: 'broken' };
  await deliverTo(app, generation, { status: 'ERROR', error: 'Invalid status code: 500', payload });
  await generation.is('failed');
  const { storage } = app.app;
  const { putFile } = storage;
  t.teardown(() => Object.assign(storage, { putFile }));
  let deleted = 0;
  Object.assign(storage, {
    async putFile(...given: Parameters<typeof putFile>) {
      if (deleted === 0) deleted = (await call('DELETE', `/v1/avatars/${own.avatarId}`)).status;
      return putFile(...given);
    },
  });
  await sandbox.queue.complete(job);
  await until('the avatar is deleted', () => deleted === 204);
  const folder = fileURLToPath(`${app.config.storage.url}/generations/${generation.id}`);
  const left = async () => (await readdir(folder).catch(() => [])).length;
  await until('nothing is under way', async () => {
    const { rows } = await app.database.pool.query(
      `select 1 from pgboss.job where name = 'generation.verify' and state in ('created', 'retry', 'active')`,
    );
    return rows.length === 0;
  });
  await until('no object is left', async () => (await left()) === 0);
  t.match(await generation.row(), { avatar_id: null, late_artifacts: null, prompt: null });
});
