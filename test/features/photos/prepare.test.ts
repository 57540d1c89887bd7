import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { t } from '../../support/tap.ts';
import { qualityOfJpeg } from '../../../src/features/photos/jpeg.ts';
import { inspectPhoto, preparePhoto } from '../../../src/features/photos/prepare.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';

// Decoding takes as long as the machine is busy.
t.setTimeout(180_000);

const folder = t.testdir();
const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
let made = 0;

async function put(bytes: Buffer): Promise<string> {
  const path = join(folder, String((made += 1)));
  await writeFile(path, bytes);
  return path;
}

/** What the intake makes of a file: a refusal, or a photo with its pixels. */
async function take(bytes: Buffer) {
  const path = await put(bytes);
  const found = await inspectPhoto(path);
  if ('code' in found) return found;
  const prepared = await preparePhoto(path, found.format, `${path}-prepared`);
  return 'code' in prepared ? prepared : { ...prepared, bytes: await readFile(prepared.path) };
}

/** A soft picture with details, of which a photo has more than noise has. */
function scene(width = 900, height = 700): Sharp {
  const small = { create: { width: 45, height: 35, channels: 3 as const, background: 'grey', noise } };
  return sharp(small).png().resize(width, height, { kernel: 'cubic' }).blur(2);
}
const jpeg = await scene().jpeg({ quality: 85 }).toBuffer();
const png = await scene().png().toBuffer();
const webp = await scene().webp({ quality: 80 }).toBuffer();

t.test('a disk that does not take a prepared photo is no fault of the photo', async (t) => {
  for (const [format, bytes] of [
    ['jpg', jpeg],
    ['png', png],
    ['webp', webp],
  ] as const) {
    const path = join(folder, `disk.${format}`);
    await writeFile(path, bytes);
    await t.rejects(preparePhoto(path, format, join(folder, 'missing', 'photo')), StorageError, format);
    // Where there is no such device, the folder can't be written to.
    const code = process.platform === 'linux' ? 'full' : 'unavailable';
    await t.rejects(preparePhoto(path, format, '/dev/full'), { code }, format);
  }
});

/** Two fields of colour; one is as saturated as sRGB can be. */
function fields(width = 640): Sharp {
  const green = { create: { width: width / 2, height: width, channels: 3 as const, background: '#00ff00' } };
  return sharp({ create: { width, height: width, channels: 3, background: { r: 220, g: 170, b: 140 } } }).composite([
    { input: green, left: 0, top: 0 },
  ]);
}

async function coloursOf(bytes: Buffer): Promise<number[]> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number) => (info.width * Math.floor(info.height / 2) + x) * info.channels;
  return [at(info.width / 4), at((info.width * 3) / 4)].flatMap((index) => [...data.subarray(index, index + 3)]);
}

t.test('colours stay what they are, at 8 and 16 bits, with each profile and without', async (t) => {
  const flat = await fields().png().toBuffer();
  const expected = [0, 255, 0, 220, 170, 140];
  const files: [string, Sharp][] = [
    ['8 bits', sharp(flat).png()],
    ['16 bits', sharp(flat).toColourspace('rgb16').png()],
    ['8 bits, sRGB', sharp(flat).withIccProfile('srgb').png()],
    ['16 bits, sRGB', sharp(flat).toColourspace('rgb16').withIccProfile('srgb').png()],
    ['16 bits, Display P3', sharp(flat).toColourspace('rgb16').withIccProfile('p3').png()],
    ['8 bits, Display P3', sharp(flat).withIccProfile('p3').png()],
    ['JPEG, Display P3', sharp(flat).withIccProfile('p3').jpeg({ quality: 100, chromaSubsampling: '4:4:4' })],
  ];
  for (const [name, file] of files) {
    const taken = await take(await file.toBuffer());
    if ('code' in taken) throw new Error(`${name}: ${taken.detail}`);
    const worst = Math.max(...(await coloursOf(taken.bytes)).map((value, at) => Math.abs(value - (expected[at] ?? 0))));
    t.ok(worst <= 6, `${name}: off by ${worst}`);
  }
  const grey = await take(await scene().greyscale().toColourspace('grey16').png().toBuffer());
  t.notOk('code' in grey, 'grey pictures of 16 bits are taken');
});

t.test('what is transparent becomes white, and what was under it is gone', async (t) => {
  const raw = await scene(600, 600).ensureAlpha().raw().toBuffer();
  for (let index = 0; index < raw.length / 2; index += 4) raw[index + 3] = 0;
  const cut = sharp(raw, { raw: { width: 600, height: 600, channels: 4 } });
  for (const format of ['png', 'webp'] as const) {
    const taken = await take(await cut.clone().toFormat(format, { lossless: true }).toBuffer());
    if ('code' in taken) throw new Error(taken.detail);
    t.notOk((await sharp(taken.bytes).metadata()).hasAlpha, format);
    const above = await sharp(taken.bytes).extract({ left: 0, top: 0, width: 600, height: 280 }).raw().toBuffer();
    t.ok(
      above.every((value) => value > 250),
      format,
    );
  }
  const clear = await take(
    await sharp(raw.fill(0), { raw: { width: 600, height: 600, channels: 4 } })
      .png()
      .toBuffer(),
  );
  t.match(clear, { code: 'featureless', detail: /transparent/ });
});

t.test('a picture of one colour is none', async (t) => {
  for (const background of ['#fff', '#000', '#7a5', '#c83']) {
    const flat = sharp({ create: { width: 800, height: 800, channels: 3, background } });
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      t.match(await take(await flat.clone().toFormat(format).toBuffer()), { code: 'featureless' }, format);
    }
  }
});

t.test(
  'a file that lacks something in the middle or at the end is damaged, and its sentence says what to do',
  async (t) => {
    const interlaced = await scene().png({ progressive: true }).toBuffer();
    const progressive = await scene().jpeg({ quality: 85, progressive: true }).toBuffer();
    const files = { jpeg, progressive, png, interlaced, webp };
    for (const [name, whole] of Object.entries(files)) {
      t.notOk('code' in (await take(whole)), `${name} is whole`);
      const holed = Buffer.from(whole);
      holed.fill(0, Math.floor(whole.length * 0.4), Math.floor(whole.length * 0.4) + 3000);
      const cuts = [0.2, 0.5, 0.9].map((share) => whole.subarray(0, Math.floor(whole.length * share)));
      for (const bytes of name === 'webp' ? cuts : [holed, ...cuts]) {
        const taken = await take(bytes);
        t.match(taken, {
          code: 'damaged',
          detail: 'is damaged or cut off: send the original file again, or another photo',
        });
      }
    }
  },
);

t.test('a JPEG that lacks its end marker alone is whole', async (t) => {
  const [whole, cut] = [await take(jpeg), await take(jpeg.subarray(0, -2))];
  if ('code' in whole || 'code' in cut) throw new Error('refused');
  t.equal(cut.sha256, whole.sha256);
  t.notOk('code' in (await take(jpeg.subarray(0, -1))), 'or half of it');
});

function animated(frames: number): Buffer {
  const body = Buffer.concat([Buffer.from('acTL'), Buffer.from([0, 0, 0, frames, 0, 0, 0, 0])]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(8);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, 33), length, body, sum, png.subarray(33)]);
}

t.test('an animated PNG of one frame is a picture', async (t) => {
  t.match(await take(animated(1)), { format: 'png', width: 900 });
  t.match(await take(animated(2)), { code: 'animated' });
});

t.test('a picture may be three times as long as wide, and no longer', async (t) => {
  t.match(await take(await scene(1536, 512).jpeg().toBuffer()), { width: 1536 });
  t.match(await take(await scene(1537, 512).jpeg().toBuffer()), { code: 'too-narrow', detail: /crop it/ });
  t.match(await take(await scene(512, 1600).png().toBuffer()), { code: 'too-narrow' });
});

t.test('a small file that becomes a huge one is refused', async (t) => {
  const tile = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey', noise } })
    .png()
    .toBuffer();
  const blank = sharp({ create: { width: 3500, height: 2500, channels: 3, background: 'grey' } });
  const bytes = await blank
    .composite([{ input: tile, tile: true }])
    .webp({ lossless: true, effort: 0 })
    .toBuffer();
  t.ok(bytes.length < 400_000, `${bytes.length} bytes were sent`);
  t.match(await take(bytes), { code: 'too-complex', detail: /save it as a JPEG/ });
});

t.test('a JPEG is stored as no more than it was, or nearly so', async (t) => {
  const shares: string[] = [];
  for (const quality of [75, 82, 90, 95, 100]) {
    for (const progressive of [false, true]) {
      const bytes = await scene(2000, 1500).sharpen().jpeg({ quality, progressive }).toBuffer();
      t.ok(Math.abs(((await qualityOfJpeg(await put(bytes))) ?? 0) - quality) <= 1, `${quality} is found`);
      const taken = await take(bytes);
      if ('code' in taken) throw new Error(taken.detail);
      shares.push((taken.size / bytes.length).toFixed(2));
    }
  }
  t.ok(Math.max(...shares.map(Number)) < 1.2, shares.join(' '));
});

t.test('the quality of a JPEG is found behind much else, and nothing is read for ever', async (t) => {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(0xfffd)]);
  const behind = (count: number) =>
    Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: count }, () => comment), jpeg.subarray(2)]);
  t.equal(await qualityOfJpeg(await put(behind(20))), 85);
  t.equal(await qualityOfJpeg(await put(behind(200))), null);
  for (const bytes of ['', 'no picture', jpeg.subarray(0, 20), Buffer.alloc(5000, 0xff)]) {
    t.equal(await qualityOfJpeg(await put(Buffer.from(bytes))), null);
  }
});
