import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import sharp from 'sharp';
import { t } from '../support/tap.ts';
import { createClient } from '../../packages/client/src/index.ts';
import { createDisplay } from '../../src/commands/demo/display.ts';
import { saveStream } from '../../src/commands/demo/files.ts';
import { makeImages } from '../../src/commands/demo/images.ts';
import { findOwnPhotos } from '../../src/commands/demo/own-photos.ts';
import { makeSamplePhotos } from '../../src/commands/demo/sample-photos.ts';
import { tellStory } from '../../src/commands/demo/story.ts';
import { summaryOf } from '../../src/commands/demo/summary.ts';
import { developmentKey } from '../../src/commands/development/api-key.ts';
import { eagerPolls, startService } from '../support/service.ts';

/** A screen that a test can read. */
function readableDisplay({ isTTY }: { isTTY: boolean }) {
  const out = new PassThrough();
  let shown = '';
  out.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const screen = Object.assign(out, { isTTY, columns: 80 }) as unknown as NodeJS.WriteStream;
  return { display: createDisplay(screen), shown: () => shown };
}

// Slow enough for each state to be seen on the way.
const service = await startService(t, { environment: eagerPolls, sandbox: { speed: 100 } });
const folder = t.testdir({ empty: {}, few: { 'letter.pdf': '%PDF-1.4 hello', '.hidden': '' }, samples: {} });
const samples = await makeSamplePhotos(`${folder}/samples`);
const { key } = await developmentKey(service.app, folder);
const client = createClient({ baseUrl: service.url, token: key });

let avatarId = '';

t.test('the demo trains its own set of photos, makes images and tells what happened', async (t) => {
  const { display, shown } = readableDisplay({ isTTY: true });
  const story = await tellStory(client, display, samples, folder);
  avatarId = story.avatar.id;
  t.match(story, {
    avatar: { status: 'completed', photos_count: 12, artifact_verified: true, sandbox: true, generations_count: 1 },
    training: { status: 'succeeded', charged: 'yes', progress: 100 },
    generation: { status: 'succeeded', images_ok: 2, charged: 'yes', sandbox: true },
    webhook: { received: true, verified: true },
    duration_ms: Number,
  });
  t.same(
    story.training.states.map(({ state }) => state),
    ['queued', 'preparing', 'submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded'],
  );
  t.equal(story.images.length, 2);
  for (const { path, width, height } of story.images) {
    t.match(path, `${folder}/images/${story.generation.id}/`);
    const { info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    t.match(info, { width: 864, height: 1152 }, 'the whole picture is decoded, and has the size that was asked for');
    t.same([width, height], [info.width, info.height]);
    const { xmp } = await sharp(path).metadata();
    t.match(String(xmp), 'trainedAlgorithmicMedia', 'it says that a model made it');
  }
  for (const { path, size, sha256 } of [...Object.values(story.artifacts), ...story.images]) {
    const bytes = await readFile(path);
    t.equal(bytes.length, size);
    t.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
  }
  t.match(shown(), /█/, 'a line that moves');
  const summary = summaryOf(story);
  t.match(summary, story.artifacts.lora.sha256);
  for (const { path, sha256 } of story.images) {
    t.match(summary, `  ${path}\n`);
    t.match(summary, new RegExp(`864×1152, \\d+ bytes, sha256 ${sha256}$`, 'm'));
  }
  t.match(summary, 'Webhook   received, signature verified');
  t.match(summary, /in_progress +\d+\.\d\d s/);
});

t.test('a folder that can not be trained is refused file by file', async (t) => {
  const grey = sharp({ create: { width: 200, height: 200, channels: 3, background: '#888' } });
  await grey.jpeg().toFile(`${folder}/few/tiny.jpg`);
  for (const path of samples.slice(0, 3)) await sharp(path).toFile(`${folder}/few/${path.split('/').at(-1)}`);
  const { display, shown } = readableDisplay({ isTTY: false });
  const photos = await findOwnPhotos(`${folder}/few`);
  t.equal(photos.length, 5);
  await t.rejects(tellStory(client, display, photos, folder), {
    name: 'ProblemError',
    message: 'The avatar has 3 photos, and portrait takes 10 to 20: add 7 more.',
  });
  t.match(shown(), /letter\.pdf is application\/pdf: send JPEG, PNG or WebP/);
  t.match(shown(), /tiny\.jpg is 200×200, and the shorter side must have 512 pixels at least/);
  t.match(shown(), '3 of 5 photos uploaded');
  t.notMatch(shown(), '\u001b', 'no control characters but on a terminal');
});

t.test('images that can not be made end the demo with the reason, and a file that differs is refused', async (t) => {
  service.sandbox.faults.set([{ on: 'job', fault: 'nsfw', times: 'always' }]);
  const { display } = readableDisplay({ isTTY: false });
  await t.rejects(makeImages(client, display, avatarId), {
    name: 'DemoError',
    message: /^The generation [0-9a-f-]{36} failed \(all-images-flagged\): .* Charged: yes\.$/,
  });
  service.sandbox.faults.clear();
  const bytes = new Blob(['other']).stream();
  await t.rejects(saveStream(bytes, `${folder}/other.jpg`, 'f'.repeat(64)), { name: 'DemoError', message: /promises/ });
});

t.test('a folder without files, and one that is none, are named', async (t) => {
  await t.rejects(findOwnPhotos(`${folder}/empty`), { message: /holds no files: put 10 to 20 photos/ });
  await t.rejects(findOwnPhotos(`${folder}/nowhere`), { message: /is no folder that can be read/ });
});

t.test('a key that is not known is the service’s own sentence', async (t) => {
  const stranger = createClient({ baseUrl: service.url, token: 'lk_none' });
  await t.rejects(stranger.GET('/v1/avatars'), {
    name: 'ProblemError',
    status: 401,
    code: 'unauthorized',
    message: 'The API key is not known.',
  });
});

t.test('the drawn photos are the same each time, and large enough to be trained', async (t) => {
  const again = await makeSamplePhotos(`${folder}/again`);
  t.equal(again.length, 12);
  for (const [index, path] of again.entries()) {
    t.same(await readFile(path), await readFile(samples[index] ?? ''));
    const { width, height } = await sharp(path).metadata();
    t.ok(Math.min(width, height) >= 1024);
    t.ok((await stat(path)).size > 50_000);
  }
});
