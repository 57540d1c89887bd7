import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { t } from '../support/tap.ts';
import { createExchange } from '../../src/fal/fetch.ts';
import { until } from '../support/until.ts';
import { type Answering, createWire, falAt, json, text, type Wire } from './support/wire.ts';

const dir = t.testdir({ 'small.zip': 'PK small', 'large.zip': '' });
const mebibyte = 1024 * 1024;
const fileUrl = 'https://v3.fal.media/files/a/faces-1.zip';
const lifecycle = '{"expiration_duration_seconds":604800}';

function file(name: string) {
  return { path: join(dir, name), name: 'faces-1.zip', contentType: 'application/zip', expiresInSeconds: 604_800 };
}

/** Stands for fal's storage; `put` answers what is not the API. */
function storage(wire: Wire, put: Answering): void {
  wire.answerWith((response, seen, request) => {
    const isInitiation = seen.path.startsWith('/rest.fal.ai/storage/upload/initiate');
    const urls = { upload_url: 'https://upload.fal.media/put/1?signature=s', file_url: fileUrl };
    return (isInitiation ? json(200, urls) : put)(response, seen, request);
  });
}

await t.test('a file goes up in one PUT, with both lifecycle headers', async (t) => {
  const wire = await createWire(t);
  storage(wire, text(200, ''));
  t.same(await falAt(wire).upload(file('small.zip')), { url: fileUrl });
  const [initiation, put] = wire.seen;
  t.equal(wire.seen.length, 2);
  t.match(initiation, {
    method: 'POST',
    path: '/rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3',
    body: '{"content_type":"application/zip","file_name":"faces-1.zip"}',
    headers: {
      authorization: 'Key kid:secret',
      'x-fal-object-lifecycle': lifecycle,
      'x-fal-object-lifecycle-preference': lifecycle,
    },
  });
  t.match(put, {
    method: 'PUT',
    path: '/upload.fal.media/put/1?signature=s',
    body: 'PK small',
    headers: { 'content-type': 'application/zip', 'content-length': '8' },
  });
  t.equal(put?.headers.authorization, undefined);
});

await t.test('a large file goes up in parts of 10 MiB', async (t) => {
  await truncate(join(dir, 'large.zip'), 91 * mebibyte);
  const wire = await createWire(t);
  storage(wire, (response, seen, request) => {
    const partNumber = Number(/^\/upload\.fal\.media\/put\/1\/(\d+)\?signature=s$/.exec(seen.path)?.[1]);
    const answer = Number.isNaN(partNumber) ? {} : { partNumber, etag: `e${partNumber}` };
    return json(200, answer)(response, seen, request);
  });
  t.same(await falAt(wire).upload(file('large.zip')), { url: fileUrl });
  const [initiation, ...rest] = wire.seen;
  t.match(initiation, {
    path: '/rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3',
    headers: { 'x-fal-object-lifecycle': lifecycle, 'x-fal-object-lifecycle-preference': lifecycle },
  });
  t.same(
    rest.slice(0, 10).map(({ bytes }) => bytes),
    [...Array.from({ length: 9 }, () => 10 * mebibyte), mebibyte],
  );
  t.match(rest[10], {
    method: 'POST',
    path: '/upload.fal.media/put/1/complete?signature=s',
    body: /^\{"parts":\[\{"partNumber":1,"etag":"e1"\}/,
  });
  t.equal(rest.length, 11);
});

await t.test('what goes wrong is told by its code', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const upload = (signal?: AbortSignal) => fal.upload(file('small.zip'), signal);
  wire.answerWith(json(401, { detail: 'invalid key credentials' }));
  await t.rejects(upload(), { name: 'FalError', code: 'refused', failure: { account: 'unauthorized' } });
  wire.answerWith(json(403, { detail: 'User is locked. Reason: Exhausted balance.' }));
  await t.rejects(upload(), { code: 'refused', failure: { account: 'exhausted_balance' } });
  wire.answerWith(json(429, {}));
  await t.rejects(upload(), { code: 'refused', failure: { account: 'rate_limited' } });
  wire.seen.length = 0;
  wire.answerWith(json(503, {}));
  await t.rejects(upload(), { code: 'unavailable', message: 'fal answered 503.' });
  t.equal(wire.seen.length, 1, 'not repeated');
  wire.answerWith(json(200, { file_url: 'x' }));
  await t.rejects(upload(), { code: 'invalid_answer' });
  wire.answerWith(text(200, 'garbage'));
  await t.rejects(upload(), { code: 'invalid_answer' });
  wire.answerWith(json(200, { upload_url: 'file:///etc/passwd', file_url: fileUrl }));
  await t.rejects(upload(), { code: 'invalid_answer', message: /not https/ });
  wire.answerWith(text(200, '{', { 'content-type': 'application/json' }));
  await t.rejects(upload(), { code: 'invalid_answer', message: /does not take/ });
  wire.answerWith(json(200, { upload_url: 'https://upload.fal.media/1' }));
  await t.rejects(upload(), { code: 'invalid_answer', message: /no URL/ });
  storage(wire, text(500, ''));
  await t.rejects(upload(), { code: 'unavailable' });
  storage(wire, (response) => response.socket?.resetAndDestroy());
  await t.rejects(upload(), { code: 'unavailable' });
  storage(wire, json(413, { detail: 'too large' }));
  await t.rejects(upload(), { code: 'refused', failure: { status: 413, message: 'too large' } });
  await t.rejects(upload(AbortSignal.abort()), { code: 'aborted' });
  const controller = new AbortController();
  storage(wire, () => controller.abort());
  await t.rejects(upload(controller.signal), { code: 'aborted' });
  await t.rejects(fal.upload(file('missing.zip')), Error);
});

await t.test('a file that changes while it is sent is not sent as if it were whole', async (t) => {
  const path = join(dir, 'changing.zip');
  await writeFile(path, 'before');
  const wire = await createWire(t);
  const shorten = writeFile.bind(null, path, 'x');
  wire.answerWith((response, seen, request) => {
    void shorten().then(() =>
      json(200, { upload_url: 'https://upload.fal.media/1', file_url: fileUrl })(response, seen, request),
    );
  });
  await t.rejects(falAt(wire).upload(file('changing.zip')), { code: 'unavailable' });
});

/** A file of zeros that counts how much of it was read. */
class CountedBlob extends Blob {
  bytesRead = 0;
  override readonly size = 80 * mebibyte;

  override stream(): ReturnType<Blob['stream']> {
    return new ReadableStream({
      pull: (controller) => {
        this.bytesRead += 65_536;
        controller.enqueue(new Uint8Array(65_536));
        if (this.bytesRead === this.size) controller.close();
      },
    });
  }
}

await t.test('a receiver that does not read stops the reading of the file', async (t) => {
  const controller = new AbortController();
  const server = createServer((request) => request.pause());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const body = new CountedBlob([]);
  const baseUrl = `http://127.0.0.1:${port}`;
  const request = { url: `${baseUrl}/put`, method: 'PUT', headers: {}, body, timeoutMs: 30_000 };
  const sent = createExchange({ baseUrl })({ ...request, signal: controller.signal });
  const counts: number[] = [];
  await until('the reading to stop', () => {
    counts.push(body.bytesRead);
    return counts.length > 10 && body.bytesRead > 0 && new Set(counts.slice(-10)).size === 1;
  });
  t.ok(body.bytesRead < body.size / 2, `${body.bytesRead} of ${body.size} bytes were read`);
  controller.abort();
  t.match(await sent, { kind: 'broken', why: 'aborted' });
  server.closeAllConnections();
});

await t.test('an address of this machine or network that fal names is not connected to', async (t) => {
  let connections = 0;
  const server = createServer().on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const send = createExchange({ baseUrl: null });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1']) {
    for (const fresh of [false, true]) {
      const request = { url: `https://${host}:${port}/put?signature=s`, method: 'PUT', headers: {}, timeoutMs: 30_000 };
      const sent = await send({ ...request, body: 'photos', fresh });
      t.match(sent, { kind: 'broken', reason: /ERR_FORBIDDEN_ADDRESS/, sent: false }, `${host}, ${fresh}`);
    }
  }
  t.equal(connections, 0);
});
