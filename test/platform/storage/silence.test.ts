import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Disk } from 'flydrive';
import { t } from '../../support/tap.ts';
import { createStorage } from '../../../src/platform/storage/flydrive-storage.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { startS3, useAccount } from '../../../lab/ground/s3-stub.ts';

const timeoutMs = 200;

useAccount(t);
const s3 = await startS3(t);

t.test('a store that falls silent is told as unavailable by every operation, and works once it answers', async (t) => {
  const proxy = await silentProxy(t, s3.endpoint);
  const storage = await createStorage(`s3://bucket/p?endpoint=${proxy.url}&region=eu`, { timeoutMs });
  const file = join(t.testdir(), 'large');
  await writeFile(file, randomBytes(8_000_000));
  const operations: Record<string, () => Promise<void>> = {
    exists: async () => void (await storage.exists('a')),
    bytes: async () => void (await storage.bytes('a')),
    stream: async () => void (await storage.stream('a')),
    putBytes: () => storage.putBytes('a', Buffer.from('a'), 'text/plain'),
    putFile: () => storage.putFile('large', file, 'application/zip'),
    delete: async () => void (await storage.delete(['b'])),
  };
  const printed: unknown[] = [];
  const print = (...words: unknown[]) => void printed.push(words);
  t.intercept(console, 'warn', { value: print });
  await storage.putBytes('a', Buffer.from('a'), 'text/plain');
  proxy.silence();
  for (const [name, operation] of Object.entries(operations)) {
    await t.rejects(
      operation(),
      { name: 'StorageError', code: 'unavailable', message: /within 0\.2 s|for 0\.2 s/ },
      name,
    );
  }
  proxy.speak();
  for (const [name, operation] of Object.entries(operations)) await t.resolves(operation(), name);
  t.same(printed, [], 'the SDK prints nothing into the log');
});

t.test('a body that stops in its middle ends with an error', async (t) => {
  const server = createServer((_, response) => void response.writeHead(200, { 'content-length': 1000 }).write('begun'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const storage = await createStorage(`s3://bucket?endpoint=http://127.0.0.1:${port}&region=eu`, { timeoutMs });
  const body = await storage.stream('body');
  await t.rejects(body.toArray(), { name: 'StorageError', code: 'unavailable' });
});

t.test('a reader that pauses for longer than the store may be silent gets all the same', async (t) => {
  const direct = await createStorage(`s3://bucket/p?endpoint=${s3.endpoint}&region=eu`, { timeoutMs });
  const body = randomBytes(4_000_000);
  await direct.putBytes('body', body, 'application/zip');
  const proxy = await silentProxy(t, s3.endpoint);
  proxy.silence();
  const silent = await createStorage(`s3://bucket/p?endpoint=${proxy.url}&region=eu`, { timeoutMs: 2 * timeoutMs });
  let size = 0;
  for await (const chunk of await direct.stream('body')) {
    // It ends when its own limit has passed, which is twice as long.
    if (size === 0) await silent.exists('a').catch(() => undefined);
    size += chunk.length;
  }
  t.equal(size, body.length);
});

t.test('a silent store ends its opening with a sentence that names no credentials', async (t) => {
  const proxy = await silentProxy(t, s3.endpoint);
  proxy.silence();
  const storage = await createStorage(`s3://bucket/p?endpoint=${proxy.url}&region=eu`, { timeoutMs });
  const failed = await storage.exists('a').catch((error: unknown) => error);
  t.match(failed, { message: 'looking for a failed: the store gave no answer within 0.2 s' });
});

t.test('a disk that hangs is told as unavailable by every operation, and works once it goes on', async (t) => {
  const root = t.testdir({ source: 'bytes', store: {} });
  const folder = join(root, 'store');
  const storage = await createStorage(pathToFileURL(folder).href, { timeoutMs });
  // To open a pipe waits in the kernel until it has another end, as a file does on a disk that has gone away.
  const pipes = ['object', 'source'].map((name) => join(folder, name));
  t.equal(spawnSync('mkfifo', pipes).status, 0);
  const late = { name: 'StorageError', code: 'unavailable', message: /within 0\.\d+ s/ };
  await t.rejects(storage.bytes('object'), late);
  await t.rejects(storage.putFile('a', pipes[1] ?? '', 'application/zip'), late);
  // Nothing but a driver in the kernel makes these hang.
  const held = Promise.withResolvers<boolean>();
  const hang = { value: () => held.promise };
  t.intercept(Disk.prototype, 'exists', hang);
  const deletion = t.intercept(Disk.prototype, 'delete', hang);
  await t.rejects(storage.exists('a'), late);
  await t.rejects(storage.delete(['a']), late);
  deletion.restore();

  held.resolve(true);
  for (const pipe of pipes) {
    const end = await open(pipe, 'r+');
    await unlink(pipe);
    await end.close();
  }
  await storage.putFile('a', join(root, 'source'), 'application/zip');
  t.same(await storage.bytes('a'), Buffer.from('bytes'));
  await storage.delete(['a']);
});
