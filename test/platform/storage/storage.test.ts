import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { t, type Test } from '../../support/tap.ts';
import { BootError } from '../../../src/errors.ts';
import { storageError } from '../../../src/platform/storage/faults.ts';
import { createStorage } from '../../../src/platform/storage/flydrive-storage.ts';
import type { Storage } from '../../../src/platform/storage/storage.ts';
import { startS3, useAccount } from '../../../lab/ground/s3-stub.ts';

useAccount(t);

async function onDisk(t: Test) {
  const root = join(t.testdir(), 'store');
  return { root, storage: await createStorage(pathToFileURL(root).href) };
}

async function onS3(t: Test) {
  const s3 = await startS3(t);
  const storage = await createStorage(`s3://bucket/some/prefix?endpoint=${s3.endpoint}`);
  return { s3, storage };
}

async function keepsObjects(t: Test, storage: Storage): Promise<void> {
  const source = join(t.testdirName, 'source');
  await mkdir(t.testdirName, { recursive: true });
  await writeFile(source, 'x'.repeat(100_000), { mode: 0o644 });
  const key = 'photos/0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55/a_1.jpg';
  t.equal(await storage.exists(key), false);
  await t.rejects(storage.stream(key), { name: 'StorageError', code: 'missing' }, 'told before the stream begins');
  await t.rejects(storage.bytes(key), { name: 'StorageError', code: 'missing' });

  await storage.putFile(key, source, 'image/jpeg');
  t.equal(await storage.exists(key), true);
  t.equal(Buffer.concat(await (await storage.stream(key)).toArray()).toString(), 'x'.repeat(100_000));

  await storage.putBytes(key, Buffer.from('short'), 'image/jpeg');
  t.equal(Buffer.from(await storage.bytes(key)).toString(), 'short', 'replaced whole');

  await storage.putBytes('other.json', Buffer.from('{}'), 'application/json');
  t.same(await storage.delete([key, 'photos/never-there.jpg', '../never', 'other.json']), {
    absent: ['photos/never-there.jpg'],
    unusable: ['../never'],
  });
  t.equal(await storage.exists(key), false);
  t.equal(await storage.exists('other.json'), false);
}

async function refusesKeys(t: Test, storage: Storage): Promise<void> {
  for (const key of [
    '../up',
    'a/../b',
    '/etc/passwd',
    'a//b',
    '',
    '.hidden',
    'a/.b',
    'a b',
    'a\\b',
    'a/',
    'a.',
    'a..b',
    'a\0b',
    's3://bucket/a',
  ]) {
    await t.rejects(storage.bytes(key), { name: 'StorageError', code: 'missing' }, `reading ${JSON.stringify(key)}`);
    await t.rejects(storage.putBytes(key, Buffer.from('x'), 'text/plain'), { code: 'missing' }, `writing ${key}`);
    await t.rejects(storage.exists(key), { code: 'missing' }, `looking for ${key}`);
    t.same(await storage.delete([key]), { absent: [], unusable: [key] }, `deleting ${key}`);
  }
}

t.test('a folder', async (t) => {
  t.test('keeps objects', async (t) => keepsObjects(t, (await onDisk(t)).storage));

  t.test('takes no key that leads out of it', async (t) => {
    const { root, storage } = await onDisk(t);
    await refusesKeys(t, storage);
    t.same(await readdir(join(root, '..')), ['store']);
  });

  t.test('names itself, and is private to its owner', async (t) => {
    const { root, storage } = await onDisk(t);
    t.equal(storage.description, pathToFileURL(root).href);
    await storage.putBytes('a/b', Buffer.from('x'), 'text/plain');
    await storage.putFile('a/c', join(root, 'a/b'), 'text/plain');
    for (const path of ['', 'a', 'a/b', 'a/c']) t.equal((await stat(join(root, path))).mode & 0o077, 0, path);
  });

  t.test('shows no object before it is whole, and leaves nothing of one that failed', async (t) => {
    const { root, storage } = await onDisk(t);
    await storage.putBytes('a', Buffer.from('old'), 'text/plain');
    await t.rejects(storage.putFile('a', join(root, 'no-such-source'), 'text/plain'), { code: 'unavailable' });
    t.equal(await readFile(join(root, 'a'), 'utf8'), 'old');
    t.same(await readdir(join(root, '.incoming')), []);
    await mkdir(join(root, 'folder', 'inner'), { recursive: true });
    await t.rejects(storage.putBytes('folder', Buffer.from('x'), 'text/plain'), { code: 'unavailable' });
    t.same(await readdir(join(root, '.incoming')), []);
  });

  t.test('is unavailable when it has gone, instead of being made anew', async (t) => {
    const { root, storage } = await onDisk(t);
    await rm(root, { recursive: true });
    await t.rejects(storage.putBytes('a', Buffer.from('x'), 'text/plain'), { code: 'unavailable' });
    t.notOk((await readdir(join(root, '..'))).includes('store'));
  });

  t.test('is cleared at the start of what a crash left behind', async (t) => {
    const { root } = await onDisk(t);
    const [abandoned, current] = [join(root, '.incoming', 'abandoned'), join(root, '.incoming', 'current')];
    await writeFile(abandoned, 'x');
    await writeFile(current, 'x');
    const longAgo = new Date(Date.now() - 48 * 3600 * 1000);
    await utimes(abandoned, longAgo, longAgo);
    await createStorage(pathToFileURL(root).href);
    t.same(await readdir(join(root, '.incoming')), ['current'], 'another process may be writing the newer one');
  });

  t.test('that is a file is refused', async (t) => {
    const path = join(t.testdir({ file: '' }), 'file');
    await t.rejects(createStorage(pathToFileURL(path).href), { name: 'StorageError', code: 'unavailable' });
  });
});

t.test('a full disk is told apart', async (t) => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  t.match(storageError('storing a', new Error('wrapped', { cause: full })), { name: 'StorageError', code: 'full' });
});

t.test('a bucket', async (t) => {
  t.test('keeps objects', async (t) => {
    t.testdir();
    await keepsObjects(t, (await onS3(t)).storage);
  });
  t.test('takes no key that is not plain', async (t) => refusesKeys(t, (await onS3(t)).storage));

  t.test('is addressed by path, below its prefix, with the content type and the bytes as they are', async (t) => {
    const { s3, storage } = await onS3(t);
    t.match(storage.description, /^s3:\/\/bucket\/some\/prefix\/ at 127\.0\.0\.1:\d+$/);
    const path = join(t.testdir({ f: 'bytes' }), 'f');
    await storage.putFile('a/b.jpg', path, 'image/jpeg');
    t.same([...s3.objects], [['/bucket/some/prefix/a/b.jpg', { body: Buffer.from('bytes'), type: 'image/jpeg' }]]);
    t.same(s3.requests, ['PUT /bucket/some/prefix/a/b.jpg']);
  });

  t.test('tells its faults apart', async (t) => {
    const { s3, storage } = await onS3(t);
    const bytes = Buffer.from('x');
    s3.fail({ status: 403, code: 'AccessDenied' });
    await t.rejects(storage.putBytes('a', bytes, 'text/plain'), { code: 'unavailable' });
    await t.rejects(storage.exists('a'), { code: 'unavailable' });
    s3.fail({ status: 404, code: 'NoSuchBucket' });
    await t.rejects(storage.bytes('a'), { code: 'unavailable' }, 'a bucket that is gone is not a missing object');
    s3.fail({ status: 507, code: 'XMinioStorageFull' });
    await t.rejects(storage.putBytes('a', bytes, 'text/plain'), { code: 'full' });
  });
});

t.test('a URL that is no store is refused with a sentence', async (t) => {
  const cases: [string, RegExp][] = [
    ['http://example.com/', /must begin with file:\/\/\/ or s3:\/\//],
    ['s3://id:secret@bucket/', /holds credentials/],
    ['s3://bucket/?acl=public', /unknown member acl/],
    ['s3://bucket/?endpoint=minio', /endpoint that is not an address/],
    ['s3:///prefix', /names no bucket/],
  ];
  for (const [url, words] of cases) {
    const error = await createStorage(url).catch((thrown: unknown) => thrown);
    t.ok(error instanceof BootError, url);
    t.match(error, { message: words, exitCode: 78 });
    t.notMatch(error, { message: /secret/ });
  }
});
