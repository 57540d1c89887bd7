import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { eq } from 'drizzle-orm';
import sharp from 'sharp';
import { t } from '../../support/tap.ts';
import { avatarPhotos, avatars, events } from '../../../src/platform/db/schema.ts';
import { startApp } from '../../support/app.ts';
import { jpeg, picture } from '../../../lab/ground/pictures.ts';
import { insertRow, trainingRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';
import { form } from './form.ts';

const { app, url, key, call, makeAvatar } = await startApp(t);
const store = fileURLToPath(app.config.storage.url);
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
const small = () => jpeg({ width: 512, height: 512 });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function content(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function objectsOf(avatarId: string): Promise<string[]> {
  return readdir(`${store}/photos/${avatarId}`).catch(() => []);
}

t.test('a photo is stored upright and bare, in its own format', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const halves = await sharp({ create: { width: 800, height: 600, channels: 3, background: 'blue' } })
    .composite([{ input: { create: { width: 400, height: 600, channels: 3, background: 'red' } }, left: 0, top: 0 }])
    .withExif({
      IFD0: { Make: 'SECRETCAMERA', Copyright: 'SECRETNAME' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 3230/100',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 7/1 0/1',
      },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  t.ok((await sharp(halves).metadata()).exif, 'there is something to strip');
  t.ok(halves.includes('SECRETCAMERA'));
  const uploads = [
    { name: 'C:\\fakepath\\Фото 1.jpg', bytes: halves },
    { name: '../../etc/pic\u0007ture.png', bytes: await picture().png().toBuffer() },
    { name: 'a.jpeg', bytes: await picture().webp().toBuffer() },
  ];
  const { status, body } = await call('POST', path, { body: form(...uploads) });
  t.equal(status, 201);
  t.same(body.rejected, []);
  t.match(body.accepted, [
    { format: 'jpg', width: 600, height: 800, upload_order: 1, photo_metadata: { original_filename: 'Фото 1.jpg' } },
    { format: 'png', width: 600, height: 600, upload_order: 2, photo_metadata: { original_filename: 'picture.png' } },
    { format: 'webp', width: 600, height: 600, upload_order: 3, photo_metadata: { original_filename: 'a.jpeg' } },
  ]);
  for (const [index, photo] of body.accepted.entries()) {
    const sent = uploads[index]?.bytes ?? Buffer.alloc(0);
    t.match(photo, {
      avatar_id: avatar.id,
      user_id: avatar.user_id,
      file_hash: sha256(sent),
      file_size: sent.length,
      validation_status: 'valid',
      has_face: null,
      quality_score: null,
    });
    t.notOk('minio_key' in photo);
    const { status, headers, bytes } = await content(`${path}/${photo.id}/content`);
    t.equal(status, 200);
    t.equal(
      headers.get('content-type'),
      { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' }[String(photo.format)],
    );
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('cache-control'), 'private, no-cache');
    t.equal(headers.get('etag'), `"${sha256(bytes)}"`);
    t.equal(Number(headers.get('content-length')), bytes.length);
    t.match(photo.photo_metadata, { stored_sha256: sha256(bytes), stored_size: bytes.length });
    const { exif, icc, xmp, orientation } = await sharp(bytes).metadata();
    t.same(
      { exif, icc, xmp, orientation },
      { exif: undefined, icc: undefined, xmp: undefined, orientation: undefined },
    );
    t.notOk(bytes.includes('SECRET'));
    t.equal((await content(`${path}/${photo.id}/content`, { 'if-none-match': `"${sha256(bytes)}"` })).status, 304);
    const [row] = await app.db.select().from(avatarPhotos).where(eq(avatarPhotos.id, photo.id));
    t.equal(row?.minio_key, `photos/${avatar.id}/${photo.id}.${photo.format}`);
  }
  const upright = (await content(`${path}/${body.accepted[0].id}/content`)).bytes;
  const { data } = await sharp(upright)
    .extract({ left: 300, top: 20, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  t.ok((data[0] ?? 0) > 200 && (data[2] ?? 255) < 50, 'what was left is on top now');
});

t.test('photos carry an avatar from draft to ready and back', async (t) => {
  const avatar = await makeAvatar({ training_type: 'style' });
  const path = `/v1/avatars/${avatar.id}`;
  const state = async () => {
    const { status, is_draft, photos_count } = (await call('GET', path)).body;
    return [status, is_draft, photos_count];
  };
  t.same(await state(), ['draft', true, 0]);
  const first = await call('POST', `${path}/photos`, {
    body: form(...(await Promise.all([small(), small(), small()]))),
  });
  t.same(await state(), ['uploading', false, 3]);
  const { body } = await call('POST', `${path}/photos`, { body: form(await small()) });
  t.same(await state(), ['ready', false, 4]);
  t.equal((await call('DELETE', `${path}/photos/${body.accepted[0].id}`)).status, 204);
  t.same(await state(), ['uploading', false, 3]);
  for (const { id } of first.body.accepted) await call('DELETE', `${path}/photos/${id}`);
  t.same(await state(), ['draft', true, 0]);
  await until('the objects are gone', async () => (await objectsOf(avatar.id)).length === 0);
});

t.test('an avatar that was trained stays completed whatever happens to its photos', async (t) => {
  const avatar = await makeAvatar({ training_type: 'style' });
  const path = `/v1/avatars/${avatar.id}`;
  const done = { status: 'completed', is_draft: false, training_completed_at: new Date() } as const;
  await app.db.update(avatars).set(done).where(eq(avatars.id, avatar.id));
  const { body } = await call('POST', `${path}/photos`, { body: form(await small()) });
  t.match((await call('GET', path)).body, { status: 'completed', photos_count: 1 });
  await call('DELETE', `${path}/photos/${body.accepted[0].id}`);
  t.match((await call('GET', path)).body, { status: 'completed', photos_count: 0 });
});

t.test('a photo is taken once an avatar, also when it is sent twice at the same time', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const [one, two] = [await small(), await small()];
  const first = await call('POST', path, { body: form(one, one) });
  t.match(first.body, { accepted: [{}], rejected: [{ filename: 'photo-2.jpg', code: 'duplicate', detail: /twice/ }] });
  const again = await call('POST', path, { body: form(one, two) });
  t.match(again.body, {
    accepted: [{}],
    rejected: [{ filename: 'photo-1.jpg', code: 'duplicate', detail: /already/ }],
  });
  t.equal(first.body.accepted.length + again.body.accepted.length, 2);

  const three = await small();
  const race = await Promise.all(Array.from({ length: 4 }, () => call('POST', path, { body: form(three) })));
  t.same(
    race.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 422, 422, 422],
  );
  t.equal((await objectsOf(avatar.id)).length, 3, 'no object without a row');
  t.match(await call('POST', `/v1/avatars/${(await makeAvatar()).id}/photos`, { body: form(one) }), { status: 201 });
});

t.test('an avatar takes no more photos than its trainer', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const nineteen = await Promise.all(Array.from({ length: 19 }, small));
  t.equal((await call('POST', path, { body: form(...nineteen) })).body.accepted.length, 19);
  const pairs = await Promise.all([small(), small(), small(), small()]);
  const [left, right] = await Promise.all([
    call('POST', path, { body: form(...pairs.slice(0, 2)) }),
    call('POST', path, { body: form(...pairs.slice(2)) }),
  ]);
  const rejected = [...left.body.rejected, ...right.body.rejected];
  t.equal(rejected.length, 3);
  for (const one of rejected) t.match(one, { code: 'limit-reached', detail: /20 photos/ });
  t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, { photos_count: 20, status: 'ready' });
  t.equal((await objectsOf(avatar.id)).length, 20);
  const orders = (await call('GET', `${path}?limit=100`)).body.data.map(
    (photo: { upload_order: number }) => photo.upload_order,
  );
  t.same(
    orders,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

t.test('photos are listed by pages in the order of their upload', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const { body } = await call('POST', path, { body: form(...(await Promise.all([small(), small(), small()]))) });
  const first = await call('GET', `${path}?limit=2`);
  t.same(first.body.data, body.accepted.slice(0, 2));
  const second = await call('GET', `${path}?limit=2&cursor=${encodeURIComponent(first.body.next_cursor)}`);
  t.same(second.body, { data: body.accepted.slice(2), next_cursor: null });
  t.same((await call('GET', `${path}/${body.accepted[1].id}`)).body, body.accepted[1]);
  const others = await makeAvatar();
  const foreign = `/v1/avatars/${others.id}/photos?cursor=${encodeURIComponent(first.body.next_cursor)}`;
  t.match(await call('GET', foreign), { status: 400, body: { code: 'invalid-cursor' } });
  t.match(await call('GET', `${path}?sort=x`), { status: 400 });
});

t.test('a photo is found under its own avatar alone', async (t) => {
  const [mine, other] = [await makeAvatar(), await makeAvatar()];
  const { body } = await call('POST', `/v1/avatars/${mine.id}/photos`, { body: form(await small()) });
  const { id } = body.accepted[0];
  for (const path of [`${other.id}/photos/${id}`, `${mine.id}/photos/${nobody}`, `${nobody}/photos/${id}`]) {
    for (const [method, end] of [
      ['GET', ''],
      ['GET', '/content'],
      ['DELETE', ''],
    ] as const) {
      const answer = await call(method, `/v1/avatars/${path}${end}`);
      t.match(answer, { status: 404, body: { code: 'not-found' } }, `${method} ${end}`);
    }
  }
  t.equal((await call('GET', `/v1/avatars/${nobody}/photos`)).status, 404);
  t.equal((await call('GET', `/v1/avatars/${mine.id}/photos/${id}`)).status, 200);
  t.equal((await call('HEAD', `/v1/avatars/${mine.id}/photos/${id}/content`)).status, 200);
  await app.storage.delete([`photos/${mine.id}/${id}.jpg`]);
  const lost = await call('GET', `/v1/avatars/${mine.id}/photos/${id}/content`);
  t.match(lost, { status: 404, body: { detail: /no longer in the object store/ } });
});

t.test('while a training runs the photos stay as they are', async (t) => {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const { body } = await call('POST', path, { body: form(await small()) });
  const training = trainingRow(avatar.user_id, avatar.id, {
    status: 'in_progress',
    submission_id: nobody,
    fal_input: {},
    fal_request_id: 'running',
  });
  await insertRow(app.pool, 'trainings', training);
  const refused = { status: 409, body: { code: 'training-running', training_id: training['id'] } };
  t.match(await call('POST', path, { body: form(await small()) }), refused);
  t.match(await call('DELETE', `${path}/${body.accepted[0].id}`), refused);
  t.equal((await call('GET', path)).body.data.length, 1);
  t.equal((await objectsOf(avatar.id)).length, 1);
});

t.test('what came of each file is in the log of events', async (t) => {
  const avatar = await makeAvatar();
  const headers = { 'x-request-id': 'photos-of-ada' };
  const body = form(await small(), { name: 'no.txt', bytes: 'no' });
  const answer = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body, headers });
  const { id } = answer.body.accepted[0];
  await call('DELETE', `/v1/avatars/${avatar.id}/photos/${id}`);
  const rows = await app.db
    .select()
    .from(events)
    .where(eq(events.avatar_id, avatar.id))
    .orderBy(events.created_at, events.id);
  t.match(rows.slice(1), [
    { type: 'photo.added', photo_id: id, request_id: 'photos-of-ada', user_id: avatar.user_id },
    { type: 'photo.rejected', photo_id: null, request_id: 'photos-of-ada', data: { code: 'unsupported-format' } },
    { type: 'photo.deleted', photo_id: id },
  ]);
});
