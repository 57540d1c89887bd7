import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { fetchImages } from '../../../src/features/images/fetch.ts';
import { createStorage } from '../../../src/platform/storage/flydrive-storage.ts';
import { type Answering, createWire, falAt, text } from '../../fal/support/wire.ts';
import { t } from '../../support/tap.ts';
import { height, hugePng, scene, secrets, talkativeJpeg, talkativePng, width } from './pictures.ts';

t.setTimeout(180_000);

const wire = await createWire(t);
const storage = await createStorage(pathToFileURL(`${t.testdir()}/`).href);
const context = { fal: falAt(wire), storage, config: { fal: { maxImageBytes: 20_971_520 } } } as never;
const never = new AbortController().signal;
const whole =
  (bytes: Buffer): Answering =>
  (response) =>
    response.writeHead(200, { 'content-length': bytes.length, 'content-type': 'image/jpeg' }).end(bytes);
let made = 0;

/** Answers image n with the nth of `answers`; of a list, one after another. */
function serve(answers: readonly (Answering | readonly Answering[])[]): void {
  const asked = answers.map(() => 0);
  wire.answerWith((response, seen, request) => {
    const index = Number(/(\d)\.jpg$/.exec(seen.path)?.[1]);
    const some = [answers[index] ?? text(500, '')].flat();
    const next = some[Math.min(asked[index] ?? 0, some.length - 1)];
    asked[index] = (asked[index] ?? 0) + 1;
    next?.(response, seen, request);
  });
}

function fetchAll(
  answers: readonly (Answering | readonly Answering[])[],
  more: { flagged?: number[]; sandbox?: boolean } = {},
) {
  serve(answers);
  const images = answers.map((_, index) => ({
    url: `https://v3.fal.media/files/lion/${index}.jpg`,
    flagged: more.flagged?.includes(index) ?? false,
  }));
  const wanted = { generationId: `0199-${(made += 1)}`, images, width, height, sandbox: more.sandbox ?? false };
  return fetchImages(context, wanted, () => Promise.resolve(true), never, [1, 1, 1]);
}

async function stored(key: string | null): Promise<Buffer> {
  return Buffer.from(await storage.bytes(key ?? ''));
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pixels = (bytes: Buffer) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer();
const jpeg = await scene().jpeg({ quality: 95 }).toBuffer();
const marked = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

t.test('what a file bears goes, but for its pixels and their colours; that a model made it is added', async (t) => {
  const files = {
    jpeg: await talkativeJpeg(),
    'progressive JPEG': await talkativeJpeg(scene(), { progressive: true }),
    'CMYK JPEG': await talkativeJpeg(scene().toColourspace('cmyk')),
    png: await talkativePng(),
    '16-bit PNG': await talkativePng(scene().toColourspace('rgb16')),
    'PNG with opacity': await talkativePng(scene().ensureAlpha(0.5)),
    'grey PNG': await talkativePng(scene().greyscale()),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await t.test(name, async (t) => {
      const { images, warnings } = await fetchAll([whole(bytes)]);
      const [image] = images;
      const file = await stored(image?.storage_key ?? null);
      const thumbnail = await stored(image?.thumbnail_key ?? null);
      t.ok((await pixels(file)).equals(await pixels(bytes)), 'no pixel is another');
      const { exif, xmp, icc, depth, space } = await sharp(file).metadata();
      const before = await sharp(bytes).metadata();
      t.equal(exif, undefined);
      t.same([icc, depth, space], [before.icc, before.depth, before.space], 'colours are read as before');
      t.ok(xmp?.toString().includes(marked));
      t.notOk(xmp?.toString().includes('sandbox'));
      t.ok(bytes.includes('PROMPT-MARKER') && before.exif && before.xmp, 'it bore them');
      for (const secret of secrets) {
        for (const one of [file, thumbnail]) t.notOk(one.includes(secret), `${secret} is gone`);
      }
      t.same(warnings, []);
      t.match(image, {
        index: 0,
        status: 'ok',
        width,
        height,
        size: file.length,
        sha256: sha256(file),
        source_sha256: sha256(bytes),
        content_type: name.includes('JPEG') || name === 'jpeg' ? 'image/jpeg' : 'image/png',
      });
      t.match(image?.storage_key, /^generations\/0199-\d+\/0\.(jpg|png)$/);
      t.match(await sharp(thumbnail).metadata(), { format: 'webp', width, height });
      t.ok((await sharp(thumbnail).metadata()).xmp?.toString().includes(marked));
    });
  }
});

t.test('what the sandbox made says so', async (t) => {
  const { images } = await fetchAll([whole(jpeg)], { sandbox: true });
  t.match((await sharp(await stored(images[0]?.storage_key ?? null)).metadata()).xmp?.toString(), /Likeness sandbox/);
});

t.test('a picture is encoded again only where its metadata turn it, or its end is missing', async (t) => {
  const turned = await scene().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const endless = (await scene().png().toBuffer()).subarray(0, -12);
  const { images } = await fetchAll([whole(turned), whole(endless)]);
  t.match(images, [
    { status: 'ok', width: height, height: width },
    { status: 'ok', width, height },
  ]);
  const upright = await sharp(await stored(images[0]?.storage_key ?? null)).metadata();
  t.match(upright, { width: height, height: width, orientation: undefined });
  t.ok(upright.xmp?.toString().includes(marked));
  const repaired = await stored(images[1]?.storage_key ?? null);
  t.ok((await pixels(repaired)).equals(await pixels(endless)));
  t.ok((await sharp(repaired).metadata()).xmp?.toString().includes(marked));
});

t.test('thumbnails have 512 pixels at most, and are never larger than the picture', async (t) => {
  const { images } = await fetchAll([whole(await scene(1, { width: 600, height: 1200 }).jpeg().toBuffer())]);
  t.match(await sharp(await stored(images[0]?.thumbnail_key ?? null)).metadata(), { width: 256, height: 512 });
});

t.test('another size than asked for, and the same file twice, are told', async (t) => {
  const other = await scene(2, { width: 112, height: 112 }).jpeg().toBuffer();
  const { images, warnings } = await fetchAll([whole(jpeg), whole(other), whole(jpeg)]);
  t.match(images, [
    { status: 'ok', width, height },
    { status: 'ok', width: 112, height: 112 },
    { status: 'ok', width, height },
  ]);
  t.same(warnings, [
    { code: 'other-size', detail: 'Image 1 is 112×112, not 96×128.' },
    { code: 'same-image', detail: 'Image 2 is the same file as image 0.' },
  ]);
});

t.test('a flagged image is not fetched, and a black one counts as flagged', async (t) => {
  const black = await sharp({ create: { width, height, channels: 3, background: { r: 2, g: 1, b: 0 } } })
    .png()
    .toBuffer();
  const dark = await sharp({ create: { width, height, channels: 3, background: { r: 3, g: 0, b: 0 } } })
    .png()
    .toBuffer();
  const seen = wire.seen.length;
  const { images, warnings } = await fetchAll([whole(jpeg), whole(black), whole(dark)], { flagged: [0] });
  t.equal(wire.seen.length - seen, 2);
  t.match(images, [
    { status: 'flagged', storage_key: null, width: null },
    { status: 'flagged', storage_key: null, thumbnail_key: null, sha256: null, width, height },
    { status: 'ok' },
  ]);
  t.same(warnings, []);
  const all = await fetchAll([whole(black), whole(jpeg)], { flagged: [1] });
  t.match(all.images, [{ status: 'flagged' }, { status: 'flagged' }], 'that all are flagged is an answer');
});

t.test('what is no picture is lost, with the reason; alone it is the failure', async (t) => {
  const large = Buffer.alloc(30 * 1024 * 1024);
  const cases: [string, Answering, string, RegExp][] = [
    ['html', text(200, '<!doctype html><p>Not here'), 'invalid_answer', /neither JPEG nor PNG/],
    ['svg', text(200, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'invalid_answer', /neither/],
    ['webp', whole(await scene().webp().toBuffer()), 'invalid_answer', /neither/],
    ['empty', whole(Buffer.alloc(0)), 'invalid_answer', /neither/],
    ['cut', whole(jpeg.subarray(0, jpeg.length / 2)), 'invalid_answer', /damaged or cut off/],
    ['cut at its end', whole(jpeg.subarray(0, -2)), 'invalid_answer', /damaged or cut off/],
    ['start alone', whole(jpeg.subarray(0, 3)), 'invalid_answer', /damaged or cut off/],
    ['36 megapixels', whole(await hugePng()), 'invalid_answer', /36\.0 megapixels, and 30/],
    ['30 MiB', whole(large), 'too_large', /larger than 20971520 bytes/],
    ['a way to this machine', text(302, '', { location: 'http://127.0.0.1:9/secret' }), 'forbidden_address', /https/],
    ['a way to nowhere', text(302, '', { location: 'file:///etc/passwd' }), 'forbidden_address', /https/],
  ];
  for (const [name, answering, code, reason] of cases) {
    await t.test(name, async (t) => {
      await t.rejects(fetchAll([answering]), { code, message: reason });
      const { images, warnings } = await fetchAll([answering, whole(jpeg)]);
      t.match(images, [{ status: 'lost', storage_key: null, sha256: null }, { status: 'ok' }]);
      t.match(warnings, [{ code: 'image-lost', detail: reason }]);
      t.equal(warnings.length, 1);
      await t.rejects(fetchAll([answering, whole(jpeg)], { flagged: [1] }), { code }, 'a flagged one is no product');
    });
  }
});

t.test('an image that is away is asked for again, and lost only where others are good', async (t) => {
  const moment = await fetchAll([[text(404, ''), text(503, ''), whole(jpeg)], whole(jpeg)]);
  t.match(moment.images, [{ status: 'ok' }, { status: 'ok' }]);
  const gone = await fetchAll([text(404, ''), whole(jpeg), text(503, '')]);
  t.match(gone.images, [{ status: 'lost' }, { status: 'ok' }, { status: 'lost' }]);
  t.match(gone.warnings, [
    { code: 'image-lost', detail: /Image 0 is lost: .*no longer there/ },
    { code: 'image-lost', detail: /Image 2 is lost: .*503/ },
  ]);
  const seen = wire.seen.length;
  await t.rejects(fetchAll([text(404, ''), text(404, '')]), { code: 'gone' });
  t.equal(wire.seen.length - seen, 2, 'where none came, the machine tries again later');
  await t.rejects(fetchAll([text(404, ''), text(503, '')]), { code: 'unavailable' }, 'one may come yet');
  await t.rejects(fetchAll([text(200, 'no picture'), text(410, '')]), { code: 'gone' });
});

t.test('nothing is stored for one whom nobody awaits, and no scratch is left', async (t) => {
  serve([whole(jpeg)]);
  const images = [{ url: 'https://v3.fal.media/files/lion/0.jpg', flagged: false }];
  const wanted = { generationId: 'abandoned', images, width, height, sandbox: false };
  await t.rejects(
    fetchImages(context, wanted, () => Promise.resolve(false), never),
    { code: 'aborted' },
  );
  t.notOk(await storage.exists('generations/abandoned/0.jpg'));
  const gone = new AbortController();
  gone.abort();
  await t.rejects(
    fetchImages(context, wanted, () => Promise.resolve(true), gone.signal),
    { code: 'aborted' },
  );
  const mine = new RegExp(`^likeness-artifacts-\\w+-${process.pid}-`);
  t.same(
    (await readdir(tmpdir())).filter((name) => mine.test(name)),
    [],
  );
});

t.test('a second run overwrites what the first has stored', async (t) => {
  const one = await fetchAll([whole(jpeg)]);
  const other = await scene(5).jpeg().toBuffer();
  serve([whole(other)]);
  const images = [{ url: 'https://v3.fal.media/files/lion/0.jpg', flagged: false }];
  const wanted = { generationId: `0199-${made}`, images, width, height, sandbox: false };
  const two = await fetchImages(context, wanted, () => Promise.resolve(true), never);
  t.equal(two.images[0]?.storage_key, one.images[0]?.storage_key);
  t.equal(sha256(await stored(one.images[0]?.storage_key ?? null)), two.images[0]?.sha256);
});
