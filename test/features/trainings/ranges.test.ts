import { createHash } from 'node:crypto';
import { t, type Test } from '../../support/tap.ts';
import { startS3, useAccount } from '../../../lab/ground/s3-stub.ts';
import { startApp } from '../../support/app.ts';
import { begin } from './story.ts';

/** A training that has ended well, and a way to ask for its weights. */
async function trained(t: Test, environment: Record<string, string> = {}) {
  const service = await startApp(t, { environment });
  const story = await begin(service);
  await service.sandbox.queue.complete(await story.job());
  const { artifacts } = await story.is('succeeded', 60_000);
  if (!artifacts) throw new Error('it has no artifacts');
  const path = `/v1/trainings/${story.id}/artifacts/lora`;
  const key = (await service.call('POST', '/v1/keys', { json: { name: 'reader', scopes: ['avatars:read'] } })).body.key;
  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(service.url + path, { method, headers: { authorization: `Bearer ${key}`, ...headers } });
  return { service, path, ask, ...artifacts.lora, etag: `"${artifacts.lora.sha256}"` };
}

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

async function serveParts(t: Test, { ask, size, sha256, etag }: Awaited<ReturnType<typeof trained>>): Promise<void> {
  const whole = await ask();
  const all = await bytesOf(whole);
  t.equal(createHash('sha256').update(all).digest('hex'), sha256);
  t.same([whole.status, whole.headers.get('accept-ranges'), whole.headers.get('etag')], [200, 'bytes', etag]);
  const parts: [range: string, start: number, end: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, size - 1],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    [`bytes=10-${size + 1000}`, 10, size - 1],
    ['bytes=-7', size - 7, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    ['BYTES=5-6', 5, 6],
  ];
  for (const [range, start, end] of parts) {
    const part = await ask({ range, 'if-range': etag });
    t.same([part.status, part.headers.get('content-range')], [206, `bytes ${start}-${end}/${size}`], range);
    t.equal(part.headers.get('content-length'), String(end - start + 1));
    t.ok((await bytesOf(part)).equals(all.subarray(start, end + 1)), range);
  }
  for (const range of [
    'bytes=',
    'bytes=-',
    'bytes=9-1',
    'bytes=a-b',
    'items=0-1',
    'bytes=0-1,5-6',
    `bytes=${'9'.repeat(5000)}-`,
  ]) {
    const answer = await ask({ range });
    t.equal(answer.status, 200, `${range.slice(0, 20)} counts as none`);
    t.equal((await bytesOf(answer)).length, size);
  }
  for (const range of [`bytes=${size}-`, 'bytes=-0', '999999999999999-'].map((one) =>
    one.startsWith('b') ? one : `bytes=${one}`,
  )) {
    const answer = await ask({ range });
    t.same([answer.status, answer.headers.get('content-range')], [416, `bytes */${size}`], range);
    t.match(await answer.json(), { code: 'range-not-satisfiable', size });
  }
  for (const other of ['"other"', `W/${etag}`, new Date().toUTCString()]) {
    const answer = await ask({ range: 'bytes=0-1', 'if-range': other });
    t.equal(answer.status, 200, `If-Range ${other}`);
    t.equal((await bytesOf(answer)).length, size);
  }
  for (const tag of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
    t.equal((await ask({ 'if-none-match': tag, range: 'bytes=0-1' })).status, 304, tag);
  }
  const head = await ask({ range: 'bytes=0-1' }, 'HEAD');
  t.same([head.status, head.headers.get('content-length')], [200, String(size)], 'HEAD tells of the whole');
}

t.test('a file on disk is served in the parts that are asked for', async (t) => {
  const made = await trained(t);
  await serveParts(t, made);
  const link = await made.service.call('POST', `${made.path}/link`, { json: {} });
  const part = await fetch(link.body.url.replace(/^https?:\/\/[^/]+/, made.service.url), {
    headers: { range: 'bytes=1-3' },
  });
  t.same([part.status, part.headers.get('content-range')], [206, `bytes 1-3/${made.size}`], 'by a signed link too');
});

t.test('a file in a bucket is served in the parts that are asked for', async (t) => {
  useAccount(t);
  const s3 = await startS3(t);
  const made = await trained(t, { STORAGE_URL: `s3://bucket/x?endpoint=${s3.endpoint}` });
  await serveParts(t, made);
  s3.ignoreRanges();
  t.equal((await made.ask({ range: 'bytes=5-9' })).status, 503, 'no other bytes by that name');
});

t.test('a download that was cut off goes on where it ended', async (t) => {
  const { ask, sha256, etag } = await trained(t);
  const reader = (await ask()).body?.getReader();
  const first = Buffer.from((await reader?.read())?.value ?? []);
  await reader?.cancel();
  const rest = await ask({ range: `bytes=${first.length}-`, 'if-range': etag });
  t.equal(rest.status, 206);
  const whole = Buffer.concat([first, await bytesOf(rest)]);
  t.ok(first.length > 0);
  t.equal(createHash('sha256').update(whole).digest('hex'), sha256);
});
