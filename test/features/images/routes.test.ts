import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { eq } from 'drizzle-orm';
import { events, generationImages } from '../../../src/platform/db/schema.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar, arrangeImages } from '../../support/arrange.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { scene } from './pictures.ts';

const service = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: '100000' } });
const { app, url, key, call } = service;
const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pictures = await Promise.all([1, 2, 3].map((seed) => scene(seed).jpeg().toBuffer()));

async function bytesOf(path: string, headers: Record<string, string> = {}) {
  const whole = path.startsWith('http') ? path : url + path;
  const answer = await fetch(whole, {
    headers: { ...(whole === path ? {} : { authorization: `Bearer ${key}` }), ...headers },
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function gallery(made: readonly (Buffer | null)[] = pictures) {
  const owner = await arrangeAvatar(app, { photos: 1 });
  return { ...owner, images: await arrangeImages(app, owner, { pictures: made }) };
}

t.test('a gallery is listed by user, avatar, generation, favourites and status, newest first', async (t) => {
  const { userId, avatarId, images } = await gallery([...pictures, null]);
  const [later] = await arrangeImages(app, { userId, avatarId }, { pictures: [pictures[0] ?? null] });
  const idsOf = async (query: string) => {
    const { status, body } = await call('GET', `/v1/images?${query}`);
    t.equal(status, 200, query);
    return body.data.map(({ id }: { id: string }) => id);
  };
  const good = [later, images[2], images[1], images[0]].map((image) => image?.id);
  t.same(await idsOf(`user_id=${userId}`), good);
  t.same(await idsOf(`avatar_id=${avatarId}`), good);
  t.same(await idsOf(`generation_id=${later?.generation_id}`), [later?.id]);
  t.same(await idsOf(`avatar_id=${avatarId}&status=flagged`), [images[3]?.id]);
  t.same(await idsOf(`avatar_id=${avatarId}&status=lost`), []);
  await call('PATCH', `/v1/images/${images[1]?.id}`, { json: { favorite: true } });
  t.same(await idsOf(`user_id=${userId}&favorite=true`), [images[1]?.id]);
  t.same(await idsOf(`user_id=${userId}&favorite=true&status=flagged`), []);
  t.same(
    await idsOf(`user_id=${userId}&favorite=false`),
    [later, images[2], images[0]].map((image) => image?.id),
  );
  t.same(await idsOf(`user_id=${nobody}`), []);

  const pages: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await call('GET', `/v1/images?user_id=${userId}&limit=3&include=total${cursor}`);
    t.equal(body.total, 4);
    pages.push(...body.data.map(({ id }: { id: string }) => id));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  t.same(pages, good);
  const { body } = await call('GET', `/v1/images?user_id=${userId}&limit=1`);
  const other = await call('GET', `/v1/images?user_id=${nobody}&cursor=${body.next_cursor}`);
  t.match(other, { status: 400, body: { code: 'invalid-cursor' } });
  t.match(await call('GET', '/v1/images?status=good'), { status: 400, body: { errors: [{ field: '/status' }] } });
});

t.test('an image shows what is stored, and no key of the store', async (t) => {
  const { userId, avatarId, images } = await gallery([pictures[0] ?? null, null]);
  const { status, body, headers } = await call('GET', `/v1/images/${images[0]?.id}`);
  t.equal(status, 200);
  t.match(body, {
    user_id: userId,
    avatar_id: avatarId,
    index: 0,
    status: 'ok',
    width: 96,
    height: 128,
    sandbox: true,
  });
  t.notOk(JSON.stringify(body).includes('generations/'));
  const { bytes } = await bytesOf(`/v1/images/${images[0]?.id}/content`);
  t.same([body.sha256, body.size], [sha256(bytes), bytes.length]);
  const fresh = await bytesOf(`/v1/images/${images[0]?.id}`, { 'if-none-match': headers.get('etag') ?? '' });
  t.equal(fresh.status, 304);
  t.match((await call('GET', `/v1/images/${images[1]?.id}`)).body, { status: 'flagged', sha256: null, size: null });
  t.match(await call('GET', `/v1/images/${nobody}`), { status: 404, body: { code: 'not-found' } });
});

t.test('picture and thumbnail are cached for good, by their owner, and resumed', async (t) => {
  const { images } = await gallery();
  const path = `/v1/images/${images[0]?.id}`;
  const whole = await bytesOf(`${path}/content`);
  t.match(Object.fromEntries(whole.headers), {
    etag: `"${images[0]?.sha256}"`,
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': 'image/jpeg',
    'content-disposition': `inline; filename="${images[0]?.id}.jpg"`,
    'accept-ranges': 'bytes',
  });
  const rest = await bytesOf(`${path}/content`, { range: 'bytes=100-', 'if-range': `"${images[0]?.sha256}"` });
  t.equal(rest.status, 206);
  t.ok(rest.bytes.equals(whole.bytes.subarray(100)));
  t.equal((await bytesOf(`${path}/content`, { range: 'bytes=99999999-' })).status, 416);
  t.equal((await bytesOf(`${path}/content`, { 'if-none-match': `"${images[0]?.sha256}"` })).status, 304);
  const thumbnail = await bytesOf(`${path}/thumbnail`);
  t.match(Object.fromEntries(thumbnail.headers), { 'content-type': 'image/webp', 'cache-control': /immutable/ });
  t.not(thumbnail.headers.get('etag'), whole.headers.get('etag'));
  t.match(await sharp(thumbnail.bytes).metadata(), { format: 'webp', width: 96, height: 128 });
});

t.test('an image without a picture says why', async (t) => {
  const { images } = await gallery([pictures[0] ?? null, null, Buffer.from('<html>')]);
  const codes = ['image-flagged', 'image-unavailable'];
  for (const [place, code] of codes.entries()) {
    const path = `/v1/images/${images[place + 1]?.id}`;
    for (const [method, end, json] of [
      ['GET', '/content'],
      ['GET', '/thumbnail'],
      ['POST', '/link', {}],
      ['PATCH', '', { favorite: true }],
    ] as const) {
      const answer = await call(method, path + end, { ...(json && { json }) });
      t.match(answer, { status: 409, body: { code } }, `${method} ${end}`);
    }
  }
  await app.storage.delete([images[0]?.storage_key ?? '']);
  const lost = await call('GET', `/v1/images/${images[0]?.id}/content`);
  t.match(lost, { status: 409, body: { code: 'image-unavailable' } }, 'what the store has lost');
});

t.test('a link opens one file without a key, for pages of other origins too', async (t) => {
  const { images } = await gallery();
  const path = `/v1/images/${images[0]?.id}/link`;
  const picture = await call('POST', path, { json: {} });
  const thumbnail = await call('POST', path, { json: { file: 'thumbnail', expires_in: 60 } });
  t.same([picture.status, thumbnail.status], [201, 201]);
  const lives = Date.parse(thumbnail.body.expires_at) - Date.now();
  t.ok(lives > 50_000 && lives <= 60_000);
  const served = await bytesOf(picture.body.url);
  t.equal(served.status, 200);
  t.equal(sha256(served.bytes), images[0]?.sha256);
  t.equal(served.headers.get('cross-origin-resource-policy'), 'cross-origin');
  t.equal((await bytesOf(thumbnail.body.url)).headers.get('content-type'), 'image/webp');
  for (const [from, to] of [
    ['/content?', '/thumbnail?'],
    [images[0]?.id ?? '', images[1]?.id ?? ''],
    [/expires=\d+/, 'expires=4000000000'],
    [/signature=.{5}/, 'signature=aaaaa'],
    ['/images/', '/artifacts/'],
  ] as const) {
    t.match(await bytesOf(picture.body.url.replace(from, to)), { status: /40[04]/ }, String(from));
  }
  await call('DELETE', `/v1/images/${images[0]?.id}`);
  t.equal((await bytesOf(picture.body.url)).status, 404, 'a deleted image');
  const { images: flagged } = await gallery([null]);
  t.match(await call('POST', `/v1/images/${flagged[0]?.id}/link`, { json: {} }), { status: 409 });
});

t.test('a favourite is set and unset, on the version that was read', async (t) => {
  const { images } = await gallery();
  const path = `/v1/images/${images[0]?.id}`;
  const { headers } = await call('GET', path);
  const ifMatch = { 'if-match': headers.get('etag') ?? '' };
  const set = await call('PATCH', path, { json: { favorite: true }, headers: ifMatch });
  t.match(set, { status: 200, body: { favorite: true } });
  t.equal(set.headers.get('etag'), (await call('GET', path)).headers.get('etag'));
  const again = await call('PATCH', path, { json: { favorite: false }, headers: ifMatch });
  t.match(again, { status: 412, body: { code: 'precondition-failed' } });
  t.match(await call('PATCH', path, { json: { favorite: false } }), { status: 200, body: { favorite: false } });
  t.match(await call('PATCH', path, { json: {} }), { status: 400 });
  t.match(await call('PATCH', path, { json: { favorite: true, sha256: 'x' } }), { status: 400 });
});

t.test('a deleted image is gone with its objects, and told', async (t) => {
  const { avatarId, images } = await gallery();
  const [image] = images;
  const stale = await call('DELETE', `/v1/images/${image?.id}`, { headers: { 'if-match': '"older"' } });
  t.equal(stale.status, 412);
  t.equal((await call('DELETE', `/v1/images/${image?.id}`)).status, 204);
  t.equal((await call('GET', `/v1/images/${image?.id}`)).status, 404);
  t.equal((await call('DELETE', `/v1/images/${image?.id}`)).status, 404);
  for (const stored of [image?.storage_key, image?.thumbnail_key]) {
    await until('the objects are gone', async () => !(await app.storage.exists(stored ?? '')));
  }
  const told = await app.db
    .select()
    .from(events)
    .where(eq(events.image_id, image?.id ?? ''));
  t.match(told, [{ type: 'image.deleted', avatar_id: avatarId, generation_id: image?.generation_id }]);
  t.equal(await app.db.$count(generationImages, eq(generationImages.avatar_id, avatarId)), 2);
  t.ok(await app.storage.exists(images[1]?.storage_key ?? ''));
});

t.test('a store that is away is told apart from a picture that is gone', async (t) => {
  const { images } = await gallery();
  const { stream } = app.storage;
  t.teardown(() => Object.assign(app.storage, { stream }));
  Object.assign(app.storage, { stream: () => Promise.reject(new StorageError('unavailable', 'away')) });
  const answer = await call('GET', `/v1/images/${images[0]?.id}/content`);
  t.match(answer, { status: 503, body: { code: 'storage-unavailable' } });
});
