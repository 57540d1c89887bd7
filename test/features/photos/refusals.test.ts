import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { t } from '../../support/tap.ts';
import { avatarPhotos } from '../../../src/platform/db/schema.ts';
import type { RejectionCode } from '../../../src/features/photos/rules.ts';
import { startApp } from '../../support/app.ts';
import { jpeg, picture, pngHeader } from '../../../lab/ground/pictures.ts';
import { type File, form } from './form.ts';
import { ownUploadFolder } from './upload-folder.ts';

const { app, call, makeAvatar } = await startApp(t);
const uploads = ownUploadFolder(t);
const store = fileURLToPath(app.config.storage.url);
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';

async function objects(): Promise<string[]> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.parentPath !== store).map(({ name }) => name);
}

const whole = await jpeg();
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"><rect width="600" height="600"/></svg>';
const frames = [picture(), picture()].map((frame) => frame.png().toBuffer());
const animation = sharp(await Promise.all(frames), { join: { animated: true } }).webp({ loop: 0 });
const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(600)]);
const apng = Buffer.concat([
  pngHeader(600, 600).subarray(0, 33),
  Buffer.from([0, 0, 0, 8]),
  Buffer.from('acTL'),
  Buffer.alloc(12),
  pngHeader(600, 600).subarray(33),
]);

// sharp gives no PNG with broken pixels; turning bytes in the middle of one makes it.
const broken = await sharp({
  create: {
    width: 700,
    height: 700,
    channels: 3,
    background: 'red',
    noise: { type: 'gaussian', mean: 128, sigma: 40 },
  },
})
  .png()
  .toBuffer();
const middle = Math.floor(broken.length / 2);
broken.fill(0x5a, middle, middle + 4000);

const cases: [string, Buffer | string, RejectionCode, RegExp][] = [
  ['nothing', '', 'empty', /empty/],
  ['text by the name of a picture', 'not a picture at all', 'unsupported-format', /no picture: send JPEG, PNG or WebP/],
  [
    'a PDF by the name of a picture',
    '%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n',
    'unsupported-format',
    /application\/pdf/,
  ],
  ['SVG', svg, 'unsupported-format', /send JPEG/],
  ['SVG with a declaration', `<?xml version="1.0"?>${svg}`, 'unsupported-format', /xml/],
  ['HEIC', heic, 'unsupported-format', /heic/],
  ['GIF', await picture().gif().toBuffer(), 'unsupported-format', /image\/gif/],
  ['AVIF', await picture().avif({ effort: 0 }).toBuffer(), 'unsupported-format', /image\/avif/],
  ['TIFF', await picture().tiff().toBuffer(), 'unsupported-format', /image\/tiff/],
  ['an animated WebP', await animation.toBuffer(), 'animated', /animated/],
  ['an animated PNG', apng, 'animated', /apng/],
  ['half a JPEG', whole.subarray(0, whole.length / 2), 'damaged', /damaged or cut off/],
  ['a JPEG without its last bytes', whole.subarray(0, whole.length - 200), 'damaged', /damaged or cut off/],
  ['the first bytes of a JPEG', whole.subarray(0, 4), 'damaged', /damaged/],
  ['a PNG with broken pixels', broken, 'damaged', /damaged/],
  ['a PNG without its last half', broken.subarray(0, broken.length / 3), 'damaged', /damaged/],
  ['a small picture', await jpeg({ width: 200, height: 200 }), 'too-small', /200×200.*512 pixels at least/],
  ['a narrow picture', await jpeg({ width: 2000, height: 511 }), 'too-small', /2000×511/],
  ['a large picture', await jpeg({ width: 5000, height: 5000 }), 'too-many-pixels', /25\.0 megapixels, and 24/],
  ['a pixel bomb', pngHeader(50_000, 50_000), 'too-many-pixels', /2500\.0 megapixels/],
  ['a file of more than 20 MB', Buffer.alloc(20 * 1024 * 1024 + 1, whole), 'too-large', /20 MB/],
];

t.test('a file that can’t be used is refused with a code and what to do', async (t) => {
  const avatar = await makeAvatar();
  for (const [what, bytes, code, words] of cases) {
    const answer = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form({ name: 'me.jpg', bytes }) });
    t.match(
      answer,
      {
        status: 422,
        body: {
          code: 'photos-rejected',
          accepted: [],
          rejected: [{ filename: 'me.jpg', code, detail: words }],
          errors: [{ field: 'me.jpg', code }],
        },
      },
      what,
    );
  }
  t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, { photos_count: 0, status: 'draft' });
  t.equal(await app.db.$count(avatarPhotos), 0);
  t.same(await objects(), []);
  t.same(await uploads(), []);
});

t.test('bad files do not harm their neighbours', async (t) => {
  const avatar = await makeAvatar();
  const good = await Promise.all([jpeg(), jpeg(), jpeg()]);
  const files: (File | Buffer)[] = [];
  for (const [index, [name, bytes]] of cases.entries()) {
    if (index % 7 === 0) files.push(good[index / 7] ?? Buffer.alloc(0));
    if (index < 17) files.push({ name, bytes });
  }
  t.equal(files.length, 20);
  const { status, body } = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...files) });
  t.equal(status, 201);
  t.equal(body.accepted.length, 3);
  t.same(
    body.rejected.map(({ filename, code }: { filename: string; code: string }) => [filename, code]),
    cases.slice(0, 17).map(([what, , code]) => [what, code]),
  );
  t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, { photos_count: 3, status: 'uploading' });
  t.equal((await objects()).length, 3);
  t.same(await uploads(), []);
});

t.test('a body of another form is refused, and nothing is written', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const part = (head: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
  const fields = new FormData();
  fields.append('photos', new Blob([await jpeg()]), 'a.jpg');
  fields.append('caption', 'me');
  const many = form(...(await Promise.all(Array.from({ length: 21 }, () => jpeg({ width: 512, height: 512 })))));
  const requests: [string, Parameters<typeof call>[2], number, string, RegExp][] = [
    ['JSON', { json: {} }, 415, 'unsupported-media-type', /multipart\/form-data/],
    ['no body', {}, 415, 'unsupported-media-type', /multipart\/form-data/],
    [
      'a picture by itself',
      { body: whole, headers: { 'content-type': 'image/jpeg' } },
      415,
      'unsupported-media-type',
      /image\/jpeg/,
    ],
    ['no file', { body: '--b--\r\n', headers: multipart }, 400, 'invalid-request', /no file: send 1 to 20/],
    ['a field among the files', { body: fields }, 400, 'invalid-request', /caption is a field/],
    [
      'no boundary',
      { body: 'x', headers: { 'content-type': 'multipart/form-data' } },
      400,
      'invalid-request',
      /can't be read/,
    ],
    [
      'an end in the middle',
      { body: part('name="p"; filename="a.jpg"', 'xx').slice(0, -6), headers: multipart },
      400,
      'invalid-request',
      /can't be read/,
    ],
    ['too many files', { body: many }, 413, 'payload-too-large', /20 files at most/],
  ];
  for (const [what, request, status, code, words] of requests) {
    t.match(await call('POST', path, request), { status, body: { code, detail: words } }, what);
  }
  t.match(await call('POST', `/v1/avatars/${nobody}/photos`, { body: form(whole) }), { status: 404 });
  t.match(await call('POST', '/v1/avatars/5/photos', { body: form(whole) }), { status: 400 });
  t.match(await call('POST', `${path}?x=1`, { body: form(whole) }), { status: 400 });
  t.match((await call('GET', path)).body, { data: [] });
  t.same(await uploads(), []);
});
