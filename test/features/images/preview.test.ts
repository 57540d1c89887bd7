import { eq } from 'drizzle-orm';
import sharp from 'sharp';
import { sweepPreviewJob } from '../../../src/features/images/preview.ts';
import { avatars, events } from '../../../src/platform/db/schema.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar, arrangeImages, avatarRow } from '../../support/arrange.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { scene } from './pictures.ts';

const { app, url, key, call } = await startApp(t);
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
const large = await scene(3, { width: 900, height: 1200 }).png().toBuffer();

async function preview(avatarId: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/v1/avatars/${avatarId}/preview`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

const choose = (avatarId: string, imageId: unknown) =>
  call('PUT', `/v1/avatars/${avatarId}/preview`, { json: { image_id: imageId } });

t.test('a chosen image is kept as a copy, which outlives image, photos and retention of both', async (t) => {
  const owner = await arrangeAvatar(app, { photos: 1 });
  const { avatarId } = owner;
  const [image] = await arrangeImages(app, owner, { pictures: [large] });
  const before = await call('GET', `/v1/avatars/${avatarId}`);
  t.equal(before.body.has_preview, false);
  t.equal((await choose(avatarId, image?.id)).status, 204);
  const after = await call('GET', `/v1/avatars/${avatarId}`);
  t.equal(after.body.has_preview, true);
  t.not(after.headers.get('etag'), before.headers.get('etag'));
  const told = await app.db.select().from(events).where(eq(events.avatar_id, avatarId));
  t.match(
    told.map(({ type, data }) => ({ type, data })),
    [{ type: 'avatar.updated', data: { changed: ['preview'] } }],
  );

  const { bytes, headers } = await preview(avatarId);
  const seen = await sharp(bytes).metadata();
  t.match(seen, { format: 'jpeg', width: 384, height: 512 });
  t.match(seen.xmp?.toString(), /trainedAlgorithmicMedia/);
  t.equal(headers.get('cache-control'), 'private, no-cache');
  t.equal((await preview(avatarId, { 'if-none-match': headers.get('etag') ?? '' })).status, 304);

  await call('DELETE', `/v1/images/${image?.id}`);
  await until('the image is gone', async () => !(await app.storage.exists(image?.storage_key ?? '')));
  const { body } = await call('GET', `/v1/avatars/${avatarId}/photos`);
  for (const { id } of body.data) await call('DELETE', `/v1/avatars/${avatarId}/photos/${id}`);
  t.ok((await preview(avatarId)).bytes.equals(bytes), 'the preview stays');
});

t.test('another choice replaces the copy, and removing it shows the first photo', async (t) => {
  const owner = await arrangeAvatar(app, { photos: 2 });
  const { avatarId } = owner;
  const photo = await preview(avatarId);
  t.match(await sharp(photo.bytes).metadata(), { format: 'jpeg', width: 600, height: 600 });
  const [one, two] = await arrangeImages(app, owner, { pictures: [large, await scene(9).jpeg().toBuffer()] });
  await choose(avatarId, one?.id);
  const { preview_key: first } = await avatarRow(app, avatarId);
  const seen = await preview(avatarId);
  await choose(avatarId, two?.id);
  await until('the former copy is gone', async () => !(await app.storage.exists(first ?? '')));
  const other = await preview(avatarId, { 'if-none-match': seen.headers.get('etag') ?? '' });
  t.equal(other.status, 200, 'no cache takes one for the other');
  t.match(await sharp(other.bytes).metadata(), { width: 96, height: 128 });
  const { preview_key: second } = await avatarRow(app, avatarId);
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}/preview`)).status, 204);
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}/preview`)).status, 204, 'again');
  await until('the copy is gone', async () => !(await app.storage.exists(second ?? '')));
  t.ok((await preview(avatarId)).bytes.equals(photo.bytes));
});

t.test('only a picture of this avatar can be chosen', async (t) => {
  const owner = await arrangeAvatar(app, { photos: 0 });
  const [flagged, lost] = await arrangeImages(app, owner, { pictures: [null, Buffer.from('no'), large] });
  const [foreign] = await arrangeImages(app, await arrangeAvatar(app, { photos: 0 }));
  for (const [imageId, status, code] of [
    [foreign?.id, 404, 'not-found'],
    [nobody, 404, 'not-found'],
    [flagged?.id, 409, 'image-flagged'],
    [lost?.id, 409, 'image-unavailable'],
    ['x', 400, 'invalid-request'],
  ] as const) {
    t.match(await choose(owner.avatarId, imageId), { status, body: { code } }, code);
  }
  t.match(await choose(nobody, flagged?.id), { status: 404 });
  t.equal((await preview(owner.avatarId)).status, 404, 'neither preview nor photo');
  await app.db.update(avatars).set({ preview_key: 'elsewhere/old.jpg' }).where(eq(avatars.id, owner.avatarId));
  t.equal((await preview(owner.avatarId)).status, 404, 'a key that the store does not hold');
  await app.db.update(avatars).set({ preview_key: 'https://old/ x.jpg' }).where(eq(avatars.id, owner.avatarId));
  t.equal((await preview(owner.avatarId)).status, 404, 'a key that is none');
});

t.test('a preview goes with its avatar, and a copy that became none is swept', async (t) => {
  const owner = await arrangeAvatar(app, { photos: 0 });
  const [image] = await arrangeImages(app, owner, { pictures: [large] });
  await choose(owner.avatarId, image?.id);
  const { preview_key: copy } = await avatarRow(app, owner.avatarId);
  const orphan = `previews/${owner.avatarId}/orphan.jpg`;
  await app.storage.putBytes(orphan, large, 'image/jpeg');
  const run = (one: string) =>
    sweepPreviewJob.run(app, { avatarId: owner.avatarId, key: one }, new AbortController().signal);
  await run(orphan);
  await run(copy ?? '');
  t.notOk(await app.storage.exists(orphan));
  t.ok(await app.storage.exists(copy ?? ''));
  t.equal((await call('DELETE', `/v1/avatars/${owner.avatarId}`)).status, 204);
  await until('the preview is gone', async () => !(await app.storage.exists(copy ?? '')));
});

t.test('an avatar that is deleted while a copy is made keeps none', async (t) => {
  const owner = await arrangeAvatar(app, { photos: 0 });
  const [image] = await arrangeImages(app, owner, { pictures: [large] });
  const { putBytes } = app.storage;
  t.teardown(() => Object.assign(app.storage, { putBytes }));
  const stored: string[] = [];
  Object.assign(app.storage, {
    async putBytes(...given: Parameters<typeof putBytes>) {
      stored.push(given[0]);
      await putBytes(...given);
      await call('DELETE', `/v1/avatars/${owner.avatarId}`);
    },
  });
  t.match(await choose(owner.avatarId, image?.id), { status: 404 });
  t.equal(stored.length, 1);
  t.notOk(await app.storage.exists(stored[0] ?? ''));
});
