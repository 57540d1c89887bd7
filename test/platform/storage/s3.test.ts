import { createHash } from 'node:crypto';
import pino from 'pino';
import { t, type Test } from '../../support/tap.ts';
import { buildApp } from '../../../src/app.ts';
import { createStorage } from '../../../src/platform/storage/flydrive-storage.ts';
import { startApp } from '../../support/app.ts';
import { begin } from '../../features/trainings/story.ts';
import { account, startS3, useAccount } from '../../../lab/ground/s3-stub.ts';
import { refusalOf, type Signed } from '../../../lab/ground/sigv4.ts';

/* Credentials and examples of AWS's documentation of Signature Version 4 for S3. */
const documented = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const then = new Date('2013-05-24T00:00:00Z');
const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const get: Signed = {
  method: 'GET',
  url: '/test.txt',
  body: Buffer.alloc(0),
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
  },
};
const put: Signed = {
  method: 'PUT',
  url: '/test%24file.text',
  body: Buffer.from('Welcome to Amazon S3.'),
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    authorization: `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd`,
  },
};

t.test('the judge of signatures knows good ones from bad, by the documented examples', async (t) => {
  const judge = (request: Signed, changes: Partial<Signed> = {}, headers: Signed['headers'] = {}) =>
    refusalOf({ ...request, ...changes, headers: { ...request.headers, ...headers } }, documented, then);
  t.equal(judge(get), null);
  t.equal(judge(put), null);
  t.equal(judge(put, { body: Buffer.from('Welcome to Amazon S4.') }), 'XAmzContentSHA256Mismatch');
  t.equal(judge(get, { url: '/other.txt' }), 'SignatureDoesNotMatch');
  t.equal(judge(get, { method: 'DELETE' }), 'SignatureDoesNotMatch');
  t.equal(judge(get, {}, { range: 'bytes=0-99' }), 'SignatureDoesNotMatch');
  t.equal(judge(get, {}, { 'x-amz-acl': 'public-read' }), 'AccessDenied', 'a header that nobody signed');
  t.equal(judge(get, {}, { authorization: '' }), 'AccessDenied');
  t.equal(refusalOf(get, { ...documented, secretAccessKey: 'other' }, then), 'SignatureDoesNotMatch');
  t.equal(refusalOf(get, account, then), 'InvalidAccessKeyId');
  t.equal(refusalOf(get, documented, new Date(then.getTime() + 16 * 60_000)), 'RequestTimeTooSkewed');
});

async function onS3(t: Test) {
  const s3 = await startS3(t);
  return { s3, storage: await createStorage(`s3://bucket/some/prefix?endpoint=${s3.endpoint}`) };
}

t.test('a store whose secret is wrong is told so, and takes and gives nothing', async (t) => {
  useAccount(t, { ...account, secretAccessKey: 'wrong' });
  const { s3, storage } = await onS3(t);
  const refused = { name: 'StorageError', code: 'unavailable', message: /refused access \(403\)/ };
  await t.rejects(storage.putBytes('a', Buffer.from('x'), 'text/plain'), refused);
  await t.rejects(storage.exists('a'), refused);
  await t.rejects(storage.bytes('a'), refused);
  await t.rejects(storage.delete(['a']), refused);
  t.same(new Set(s3.refused), new Set(['SignatureDoesNotMatch']));
  t.equal(s3.objects.size, 0);
});

t.test('bytes that change on their way are not kept', async (t) => {
  useAccount(t);
  const { s3, storage } = await onS3(t);
  s3.spoil((body) => Buffer.concat([body, Buffer.from('!')]));
  await t.rejects(storage.putBytes('a', Buffer.from('x'), 'text/plain'), { code: 'unavailable' });
  t.same(new Set(s3.refused), new Set(['XAmzContentSHA256Mismatch']));
});

t.test('a training from photos to artifact in a bucket', async (t) => {
  useAccount(t);
  const s3 = await startS3(t);
  const url = `s3://bucket/likeness?endpoint=${s3.endpoint}`;
  const service = await startApp(t, { environment: { STORAGE_URL: url } });
  const story = await begin(service);
  await service.sandbox.queue.complete(await story.job());
  const { artifacts } = await story.is('succeeded', 60_000);
  const key = `/bucket/likeness/artifacts/${story.id}/lora.safetensors`;
  const kept = s3.objects.get(key)?.body ?? Buffer.alloc(0);
  t.equal(
    createHash('sha256').update(kept).digest('hex'),
    artifacts?.lora.sha256,
    'what was verified is in the bucket',
  );

  const served = await fetch(`${service.url}/v1/trainings/${story.id}/artifacts/lora`, {
    headers: { authorization: `Bearer ${service.key}` },
  });
  t.ok(Buffer.from(await served.arrayBuffer()).equals(kept), 'and is served from there');
  t.same(s3.refused, [], 'every request was signed well');

  await t.test('a process with another secret does not start, and says why', async (t) => {
    useAccount(t, { ...account, secretAccessKey: 'wrong' });
    await t.rejects(buildApp(service.config, { role: 'api', log: pino({ level: 'silent' }) }), {
      message: /refused access \(403\)/,
    });
  });

  await t.test('without its object an artifact is said to be gone, and without its store to be away', async (t) => {
    s3.objects.delete(key);
    const path = `/v1/trainings/${story.id}/artifacts/lora`;
    t.match(await service.call('GET', path), { status: 409, body: { code: 'artifact-unavailable' } });
    s3.fail({ status: 503, code: 'SlowDown' });
    const away = await service.call('GET', path);
    t.match(away, { status: 503, body: { code: 'storage-unavailable' } });
    t.ok(away.headers.get('retry-after'));
    s3.fail(null);
  });
});
