import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eq } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { avatarPhotos, events } from '../../../src/platform/db/schema.ts';
import { sweepUploadJob } from '../../../src/features/photos/sweep.ts';
import { type Storage, StorageError } from '../../../src/platform/storage/storage.ts';
import { startApp } from '../../support/app.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { insertRow, trainingRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';
import { form } from './form.ts';
import { ownUploadFolder } from './upload-folder.ts';

const { app, url, key, call, makeAvatar } = await startApp(t);
const uploads = ownUploadFolder(t);
const store = fileURLToPath(app.config.storage.url);
const putFile = app.storage.putFile;
const pictures = await Promise.all(Array.from({ length: 4 }, () => jpeg({ width: 512, height: 512 })));

/** What is left of an upload: files, objects, rows, events. */
async function traces(avatarId: string) {
  const told = await app.db.select().from(events).where(eq(events.avatar_id, avatarId));
  return {
    uploads: await uploads(),
    objects: await readdir(`${store}/photos/${avatarId}`).catch(() => []),
    rows: await app.db.$count(avatarPhotos, eq(avatarPhotos.avatar_id, avatarId)),
    events: told.map(({ type }) => type).filter((type) => type.startsWith('photo.')),
  };
}
const none = { uploads: [], objects: [], rows: 0, events: [] };

/** Puts something in the place of the store's writing for one test. */
function storing(t: { teardown(run: () => void): void }, put: Storage['putFile']): void {
  app.storage.putFile = put;
  t.teardown(() => {
    app.storage.putFile = putFile;
  });
}

t.test('a client that goes away in the middle leaves nothing', async (t) => {
  const avatar = await makeAvatar();
  const part = (index: number, bytes: Buffer) =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="p"; filename="${index}.jpg"\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]);
  const body = Buffer.concat([...pictures.map((bytes, index) => part(index, bytes)), Buffer.from('--b--\r\n')]);
  const head = (length: number) =>
    `POST /v1/avatars/${avatar.id}/photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n`;
  for (const sent of [10, Math.floor(body.length / 2), body.length - 4]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(Buffer.concat([Buffer.from(head(body.length)), body.subarray(0, sent)]));
    await until('the upload has begun', async () => (await uploads()).length === 1);
    socket.destroy();
    await until('its files are gone', async () => (await uploads()).length === 0);
    t.same(await traces(avatar.id), none, `after ${sent} of ${body.length} bytes`);
  }
});

t.test('a store that is full takes none of the photos', async (t) => {
  const avatar = await makeAvatar();
  let stored = 0;
  storing(t, async (...file) => {
    if (stored === 2) throw new StorageError('full', 'the store is full');
    stored += 1;
    return putFile(...file);
  });
  const answer = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...pictures) });
  t.match(answer, { status: 503, body: { code: 'storage-unavailable' } });
  t.ok(answer.headers.get('retry-after'));
  t.equal(stored, 2, 'two had been stored');
  t.same(await traces(avatar.id), none);
  t.match((await call('GET', `/v1/avatars/${avatar.id}`)).body, { photos_count: 0, status: 'draft' });
});

t.test('a training that was started meanwhile wins, and the photos are not added', async (t) => {
  const avatar = await makeAvatar();
  const running = { status: 'in_progress', submission_id: avatar.id, fal_input: {}, fal_request_id: 'meanwhile' };
  const training = trainingRow(avatar.user_id, avatar.id, running);
  storing(t, async (...file) => {
    await insertRow(app.pool, 'trainings', training).catch(() => undefined);
    return putFile(...file);
  });
  const answer = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...pictures) });
  t.match(answer, { status: 409, body: { code: 'training-running', training_id: training['id'] } });
  t.same(await traces(avatar.id), none);
});

t.test('an avatar that was deleted meanwhile leaves no photo', async (t) => {
  const avatar = await makeAvatar();
  storing(t, async (...file) => {
    await call('DELETE', `/v1/avatars/${avatar.id}`);
    return putFile(...file);
  });
  const answer = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...pictures) });
  t.match(answer, { status: 404, body: { code: 'not-found' } });
  t.same(await traces(avatar.id), none);
});

t.test('objects that a dead process left without rows are swept', async (t) => {
  const avatar = await makeAvatar();
  const { body } = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...pictures) });
  const [kept] = body.accepted;
  const orphan = { id: avatar.id, key: `photos/${avatar.id}/orphan.jpg` };
  await app.storage.putBytes(orphan.key, Buffer.from('x'), 'image/jpeg');
  const photos = [orphan, { id: kept.id, key: `photos/${avatar.id}/${kept.id}.jpg` }];
  await sweepUploadJob.run(app, { photos }, AbortSignal.timeout(5000));
  t.equal(await app.storage.exists(orphan.key), false);
  t.equal((await readdir(`${store}/photos/${avatar.id}`)).length, 4);
  const { rows } = await app.pool.query(
    `select data from pgboss.job where name = 'photos.sweep' and start_after > now() + interval '50 minutes'`,
  );
  t.ok(
    rows.some(({ data }) => JSON.stringify(data).includes(kept.id)),
    'the sweep is asked for beforehand',
  );
});

/** Sends what `write` writes behind the head of an upload, and gives what was answered before the connection ended. */
async function sendRaw(avatarId: string, head: string, write: (socket: Socket) => Promise<void>): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  // The end of a connection that is cut off while it is written to is an error, and no matter here.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  socket.write(
    `POST /v1/avatars/${avatarId}/photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\n${head}\r\n\r\n`,
  );
  await write(socket);
  await closed;
  return text;
}

t.test('a body that says it is too long is refused unread', async (t) => {
  const avatar = await makeAvatar();
  const answer = await sendRaw(avatar.id, 'Content-Length: 900000000', async () => {});
  t.match(answer, /^HTTP\/1\.1 413 /);
  t.match(answer, /"code":"payload-too-large"/);
  t.same(await traces(avatar.id), none);
});

t.test('a body without end is cut off', async (t) => {
  const avatar = await makeAvatar();
  const chunk = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  const megabytes = chunk(Buffer.alloc(4 * 1024 * 1024, 1));
  let sent = 0;
  await sendRaw(avatar.id, 'Transfer-Encoding: chunked', async (socket) => {
    socket.write(chunk(Buffer.from('--b\r\nContent-Disposition: form-data; name="p"; filename="a.jpg"\r\n\r\n')));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (; !socket.destroyed && sent < 1000; sent += 4) {
      if (!socket.write(megabytes))
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    socket.destroy();
  });
  t.ok(sent >= 400 && sent < 600, `after ${sent} MB`);
  await until('its files are gone', async () => (await uploads()).length === 0);
  t.same(await traces(avatar.id), none);
});
