import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { t } from '../support/tap.ts';
import { createDownload } from '../../src/fal/download.ts';
import { until } from '../support/until.ts';
import { type Answering, createWire, falAt, text } from './support/wire.ts';

const dir = t.testdir();
const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const url = 'https://v3.fal.media/files/lion/lora.safetensors';
const limit = { maxBytes: 1_000_000 };
let files = 0;

function target(): string {
  files += 1;
  return join(dir, `file-${files}`);
}

function whole(headers: Record<string, string> = {}): Answering {
  return (response) => response.writeHead(200, { 'content-length': content.length, ...headers }).end(content);
}

/** Sends some bytes of the file, waits until some of them are on the disk, then breaks the connection. */
function cutAfter(bytes: number, headers: Record<string, string> = {}): Answering {
  const path = join(dir, `file-${files}`);
  return (response) => {
    response.writeHead(200, { 'content-length': content.length, ...headers });
    response.write(content.subarray(0, bytes));
    const breakOff = async () => {
      await until('bytes on the disk', () => existsSync(path) && statSync(path).size > 0);
      response.socket?.destroy();
    };
    void breakOff();
  };
}

/** Answers ranges as RFC 9110 says, for a file of that ETag. */
function ranged(etag: string): Answering {
  return (response, { headers }) => {
    const start = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    if (start === undefined || headers['if-range'] !== etag) {
      response.writeHead(200, { 'content-length': content.length, etag }).end(content);
      return;
    }
    const part = content.subarray(Number(start));
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'content-range': range, 'content-length': part.length, etag }).end(part);
  };
}

await t.test('a file is fetched, hashed and named', async (t) => {
  const wire = await createWire(t);
  wire.answerWith(whole({ 'content-type': 'application/octet-stream' }));
  const path = target();
  const done = await falAt(wire).download(url, { path, ...limit });
  t.same(done, { size: content.length, sha256, contentType: 'application/octet-stream' });
  t.ok(readFileSync(path).equals(content));
  t.match(wire.seen, [{ method: 'GET', path: '/v3.fal.media/files/lion/lora.safetensors' }]);
  t.equal(wire.seen[0]?.headers.authorization, undefined, 'our key stays with us');
  t.equal(wire.seen[0]?.headers['accept-encoding'], 'identity');
  const bare = await falAt(wire).download(`${wire.baseUrl}/v3.fal.media/files/x?y=1`, { path: target(), ...limit });
  t.equal(bare.sha256, sha256, 'a URL under the base is taken as it is');
});

await t.test('what the server answers', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const statuses = [403, 404, 410].map((status) => [status, 'gone'] as const);
  const others = [400, 401, 408, 429, 500, 503, 206, 304].map((status) => [status, 'unavailable'] as const);
  for (const [status, code] of [...statuses, ...others]) {
    wire.answerWith(text(status, ''));
    const path = target();
    await t.rejects(fal.download(url, { path, ...limit }), { name: 'FalError', code }, `${status}`);
    t.notOk(existsSync(path));
  }
  wire.answerWith((response) => response.socket?.destroy());
  await t.rejects(fal.download(url, { path: target(), ...limit }), { code: 'unavailable' });
  wire.answerWith(whole({ 'content-encoding': 'gzip' }));
  await t.rejects(fal.download(url, { path: target(), ...limit }), { code: 'invalid_answer' });
});

await t.test('no file is larger than allowed, announced or not', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const exact = { path: target(), maxBytes: content.length };
  wire.answerWith(whole());
  t.match(await fal.download(url, exact), { size: content.length });
  const small = { path: target(), maxBytes: content.length - 1 };
  await t.rejects(fal.download(url, small), { code: 'too_large', message: /99999 bytes/ });
  const withoutEnd: Answering = (response) => {
    response.writeHead(200);
    const more = () => void (response.destroyed || response.write(content, () => setImmediate(more)));
    more();
  };
  wire.answerWith(withoutEnd);
  await t.rejects(fal.download(url, small), { code: 'too_large' });
  t.notOk(existsSync(small.path));
});

await t.test('a cut file is continued where it was cut', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const to = { path: target(), ...limit, resume: true };
  wire.answerWith(cutAfter(40_000, { etag: '"one"' }));
  await t.rejects(fal.download(url, to), { code: 'unavailable' });
  const kept = readFileSync(to.path).length;
  t.ok(kept > 0 && kept <= 40_000);
  wire.answerWith(ranged('"one"'));
  t.match(await fal.download(url, to), { size: content.length, sha256 });
  t.match(wire.seen[1]?.headers, { range: `bytes=${kept}-`, 'if-range': '"one"' });
  t.ok(readFileSync(to.path).equals(content));
  t.notOk(existsSync(`${to.path}.resume`));
});

await t.test('a cut file is fetched whole when it cannot be continued', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const cases: [name: string, first: Record<string, string>, then: Answering, requests: number][] = [
    ['another file by now', { etag: '"one"' }, ranged('"two"'), 2],
    ['no ETag', {}, whole(), 2],
    ['a weak ETag', { etag: 'W/"one"' }, ranged('W/"one"'), 2],
    ['no ranges', { etag: '"one"' }, whole(), 2],
    [
      'a range we did not ask for',
      { etag: '"one"' },
      (response, seen) => {
        if (seen.headers.range === undefined) return whole()(response, seen, response.req);
        return response.writeHead(206, { 'content-range': 'bytes 0-99999/100000' }).end(content);
      },
      3,
    ],
    [
      'no such range',
      { etag: '"one"' },
      (response, seen) =>
        seen.headers.range === undefined ? whole()(response, seen, response.req) : response.writeHead(416).end(),
      3,
    ],
  ];
  for (const [name, first, then, requests] of cases) {
    const to = { path: target(), ...limit, resume: true };
    wire.seen.length = 0;
    wire.answerWith(cutAfter(500, first));
    await t.rejects(fal.download(url, to), { code: 'unavailable' });
    wire.answerWith(then);
    t.match(await fal.download(url, to), { size: content.length, sha256 }, name);
    t.equal(wire.seen.length, requests, name);
    const wasStrong = first['etag'] === '"one"';
    t.equal(wire.seen[1]?.headers['if-range'], wasStrong ? '"one"' : undefined, name);
  }
});

await t.test('without resume nothing is kept, and nothing that lies there is believed', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const to = { path: target(), ...limit };
  writeFileSync(to.path, 'older');
  writeFileSync(`${to.path}.resume`, '"one"');
  wire.answerWith(cutAfter(500, { etag: '"one"' }));
  await t.rejects(fal.download(url, to), { code: 'unavailable' });
  t.equal(wire.seen[0]?.headers.range, undefined);
  t.notOk(existsSync(to.path));
  t.notOk(existsSync(`${to.path}.resume`));
});

await t.test('redirects', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const hops =
    (count: number): Answering =>
    (response, seen) => {
      const at = Number(new URL(seen.path, 'http://x').searchParams.get('hop') ?? '0');
      if (at === count) return whole()(response, seen, response.req);
      return response.writeHead(302, { location: `https://v3b.fal.media/next?hop=${at + 1}` }).end();
    };
  wire.answerWith(hops(3));
  t.match(await fal.download(url, { path: target(), ...limit }), { sha256 });
  t.equal(wire.seen.at(-1)?.path, '/v3b.fal.media/next?hop=3');
  wire.answerWith(hops(4));
  await t.rejects(fal.download(url, { path: target(), ...limit }), { code: 'invalid_answer', message: /3 redirects/ });
  for (const location of ['http://169.254.169.254/latest/', 'http://127.0.0.1:9/', 'ftp://x.test/']) {
    wire.answerWith(text(302, '', { location }));
    await t.rejects(fal.download(url, { path: target(), ...limit }), { code: 'forbidden_address' }, location);
  }
  wire.answerWith(text(302, '', { location: 'http://[' }));
  await t.rejects(fal.download(url, { path: target(), ...limit }), { code: 'invalid_answer' });
  wire.answerWith((response, seen) =>
    seen.path.endsWith('/other')
      ? whole()(response, seen, response.req)
      : response.writeHead(302, { location: '/other' }).end(),
  );
  t.match(await fal.download(url, { path: target(), ...limit }), { sha256 });
  t.equal(wire.seen.at(-1)?.path, '/v3.fal.media/other', 'a relative redirect stays with its host');
});

await t.test('addresses that are not public are not connected to', async (t) => {
  const wire = await createWire(t);
  const toLoopback: LookupFunction = (_hostname, _options, callback) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const download = createDownload({ baseUrl: null, lookup: toLoopback });
  const port = new URL(wire.baseUrl).port;
  const addresses =
    '127.0.0.1 10.1.2.3 169.254.169.254 100.64.0.1 0.0.0.0 192.168.0.1 [::1] [::ffff:127.0.0.1] [fd00::1]';
  const writings = '2130706433 0177.0.0.1 0x7f.0.0.1 127.1 localhost rebound.test';
  for (const host of `${addresses} ${writings}`.split(' ')) {
    const to = { path: target(), ...limit };
    await t.rejects(download(`https://${host}:${port}/x`, to), { code: 'forbidden_address' }, host);
    await t.rejects(download(`http://${host}:${port}/x`, to), { code: 'forbidden_address', message: /https/ }, host);
  }
  const failing: LookupFunction = (_hostname, _options, callback) =>
    callback(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), []);
  const unnamed = createDownload({ baseUrl: null, lookup: failing });
  await t.rejects(unnamed('https://v3.fal.media/x', { path: target(), ...limit }), { code: 'unavailable' });
  const beside = createDownload({ baseUrl: `${wire.baseUrl}/base`, lookup: toLoopback });
  await t.rejects(beside(`${wire.baseUrl}/other`, { path: target(), ...limit }), { code: 'forbidden_address' });
  await t.rejects(beside(`${wire.baseUrl}/base/../other`, { path: target(), ...limit }), { code: 'forbidden_address' });
  await t.rejects(beside('not a url', { path: target(), ...limit }), { code: 'invalid_answer' });
  t.equal(wire.seen.length, 0);
});

await t.test('a stalled server, a bound in all, and a caller that gives up', async (t) => {
  const wire = await createWire(t);
  const stall: Answering = (response) => {
    response.writeHead(200, { 'content-length': content.length, etag: '"one"' });
    response.write(content.subarray(0, 500));
  };
  wire.answerWith(stall);
  const bounded = createDownload({ baseUrl: wire.baseUrl, totalMs: 200 });
  await t.rejects(bounded(url, { path: target(), ...limit }), { code: 'unavailable' });
  const controller = new AbortController();
  wire.answerWith((response, seen, request) => {
    stall(response, seen, request);
    setImmediate(() => controller.abort());
  });
  const to = { path: target(), ...limit, resume: true };
  await t.rejects(falAt(wire).download(url, to, controller.signal), { code: 'aborted' });
  wire.answerWith(ranged('"one"'));
  t.match(await falAt(wire).download(url, to), { sha256 });
});

await t.test('faults of the local disk are thrown as they are', async (t) => {
  const wire = await createWire(t);
  wire.answerWith(whole());
  const path = join(dir, 'no-such-folder', 'file');
  await t.rejects(falAt(wire).download(url, { path, ...limit }), { code: 'ENOENT' });
});
