import { randomBytes } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { call, failureOf, photoZip, startSandbox, upload } from './support.ts';

const initiate = 'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3';

t.test('an upload is served as it came, with its type, length and tag', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const bytes = await photoZip(2);
  const address = await upload(fal, bytes, 'a b/ü.zip');
  const response = await sandbox.fetch(address);
  t.equal(response.status, 200);
  t.same(Buffer.from(await response.arrayBuffer()), bytes);
  t.equal(response.headers.get('content-length'), String(bytes.length));
  t.equal(response.headers.get('content-type'), 'application/zip');
  t.match(response.headers.get('etag'), /^"[0-9a-f]{32}"$/);
  const head = await sandbox.fetch(address, { method: 'HEAD' });
  t.equal(head.headers.get('content-length'), String(bytes.length));
  t.equal((await sandbox.fetch('https://v3b.fal.media/files/b/lion/none.zip')).status, 404);
});

t.test('ranges: from, to, last, none left', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const bytes = randomBytes(1000);
  const address = await upload(fal, bytes);
  const part = async (range: string) => {
    const response = await sandbox.fetch(address, { headers: { range } });
    const body = Buffer.from(await response.arrayBuffer());
    return { status: response.status, range: response.headers.get('content-range'), body };
  };
  t.same(await part('bytes=10-19'), { status: 206, range: 'bytes 10-19/1000', body: bytes.subarray(10, 20) });
  t.same(await part('bytes=990-'), { status: 206, range: 'bytes 990-999/1000', body: bytes.subarray(990) });
  t.same(await part('bytes=-5'), { status: 206, range: 'bytes 995-999/1000', body: bytes.subarray(995) });
  t.match(await part('bytes=1000-'), { status: 416, range: 'bytes */1000' });
  t.match(await part('lines=1-2'), { status: 200, range: null });
});

t.test('the PUT asks for the signed address and no key, and its empty answer names no JSON', async (t) => {
  const { sandbox } = await startSandbox(t);
  const body = JSON.stringify({ content_type: 'application/zip', file_name: 'x.zip' });
  const { body: addresses } = await call(sandbox, initiate, { method: 'POST', body });
  const target = String(addresses.upload_url);
  t.equal((await sandbox.fetch(String(addresses.file_url))).status, 404, 'not there before it is uploaded');
  t.equal((await sandbox.fetch(target.split('?')[0] ?? '', { method: 'PUT', body: 'x' })).status, 403);
  const put = await sandbox.fetch(target, { method: 'PUT', body: 'abc' });
  t.equal(put.status, 200);
  t.equal(put.headers.get('content-type'), null);
  t.equal(await put.text(), '');
  t.equal(await (await sandbox.fetch(String(addresses.file_url))).text(), 'abc');
  t.equal(
    (await call(sandbox, initiate, { method: 'POST', body, headers: { authorization: 'Key no:no' } })).status,
    401,
  );
});

t.test('the client sends more than 90 MiB in parts, and they come out joined', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const block = randomBytes(1024 * 1024);
  const file = new File(
    Array.from({ length: 91 }, () => block),
    'large.zip',
    { type: 'application/zip' },
  );
  const address = await fal.storage.upload(file, { lifecycle: { expiresIn: '7d' } });
  const [stored] = sandbox.files.uploads();
  t.match(stored, { multipart: true, file: { url: address, size: 91 * 1024 * 1024, ready: true } });
  const response = await sandbox.fetch(address, { headers: { range: `bytes=${90 * 1024 * 1024}-` } });
  t.ok(block.equals(Buffer.from(await response.arrayBuffer())));
});

t.test('parts: each needs its number and etag, and any order of arrival will do', async (t) => {
  const { sandbox } = await startSandbox(t);
  const body = JSON.stringify({ content_type: 'application/zip', file_name: 'x.zip' });
  const start = initiate.replace('initiate', 'initiate-multipart');
  const { body: addresses } = await call(sandbox, start, { method: 'POST', body });
  const { origin, pathname, search } = new URL(String(addresses.upload_url));
  const put = (part: string, text: string) =>
    call(sandbox, `${origin}${pathname}/${part}${search}`, { method: 'PUT', body: text });
  const complete = (parts: unknown) =>
    call(sandbox, `${origin}${pathname}/complete${search}`, { method: 'POST', body: JSON.stringify({ parts }) });
  const second = await put('2', 'world');
  const first = await put('1', 'hello ');
  t.match(first, { status: 200, body: { partNumber: 1, etag: /^"[0-9a-f]{32}"$/ } });
  t.equal((await put('x', '')).status, 400);
  t.equal((await complete([])).status, 422);
  t.equal((await complete([first.body, { partNumber: 2, etag: '"other"' }])).status, 400);
  t.equal((await complete([first.body, second.body])).status, 200);
  t.equal(await (await sandbox.fetch(String(addresses.file_url))).text(), 'hello world');
});

t.test('both lifecycle headers are kept, and a file ends when it should', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const file = new File(['x'], 'x.zip');
  const address = await fal.storage.upload(file, { lifecycle: { expiresIn: '1h' } });
  const preference = JSON.stringify({ expiration_duration_seconds: 60 });
  const headers = { 'x-fal-object-lifecycle': preference, 'x-fal-object-lifecycle-preference': preference };
  await call(sandbox, initiate, { method: 'POST', body: '{"file_name":"y.zip"}', headers });
  t.match(
    sandbox.files.uploads().map(({ file: { lifecycle } }) => lifecycle),
    [{ 'x-fal-object-lifecycle': '{"expiration_duration_seconds":3600}' }, headers],
  );
  await sandbox.clock.advance(3599);
  t.equal((await sandbox.fetch(address)).status, 200);
  await sandbox.clock.advance(1);
  t.equal((await sandbox.fetch(address)).status, 404);
});

t.test('uploads can fail at each step', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const bytes = await photoZip(1);
  sandbox.faults.add({ on: 'upload', fault: 'locked' });
  t.match(await failureOf(upload(fal, bytes)), { status: 403, body: { detail: /^User is locked/ } });
  sandbox.faults.add({ on: 'upload', fault: 'put_unavailable' });
  t.match(await failureOf(upload(fal, bytes)), { status: 503 });
  sandbox.faults.add({ on: 'upload', fault: 'reset', times: 'always' });
  await t.rejects(call(sandbox, initiate, { method: 'POST', body: '{}' }));
  sandbox.faults.clear();
  t.type(await upload(fal, bytes), 'string');
});
