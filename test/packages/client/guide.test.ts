import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import sharp from 'sharp';
import { stablePort } from '../../../lab/ground/ports.ts';
import { t } from '../../support/tap.ts';
import { makeSamplePhotos } from '../../../src/commands/demo/sample-photos.ts';
import { problems } from '../../../src/errors.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { startReceiver } from '../../../lab/ground/receiver.ts';
import { startService } from '../../support/service.ts';
import { makeConsumer, run } from './consumer.ts';

/* Runs the examples of packages/client/README.md and docs/api.md unchanged, with the installed package. */

// A build, a compilation and three programs: half a minute alone, more beside others.
t.setTimeout(300_000);
const guide = await readFile('docs/api.md', 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code = '']) => code);

const service = await startService(t, { sandbox: { speed: 200 }, environment: { ALLOW_PRIVATE_WEBHOOKS: 'true' } });
const { key } = await createKey(service.app, { name: 'guide', scopes: ['admin'] });
const consumer = await makeConsumer(t, {
  'start.ts': blocks(await readFile('README.md', 'utf8'), 'ts').join('\n'),
  'readme.ts': blocks(await readFile('packages/client/README.md', 'utf8'), 'ts').join('\n'),
  'guide.ts': blocks(guide, 'ts').join('\n'),
});
const photos = join(consumer.folder, 'photos');
await makeSamplePhotos(photos);
await cp(photos, join(consumer.folder, '.likeness/demo/photos'), { recursive: true });
const { PATH = '' } = process.env;
const here = (environment: Record<string, string>) => ({ cwd: consumer.folder, env: { PATH, ...environment } });

const sent: { chat_id: unknown; format: string; width: number; height: number }[] = [];
/** Telegram, as far as the guide goes: it fetches the photo that it is told, without a key. */
const telegram = createServer((request, response) => {
  void json(request).then(async (body) => {
    const { chat_id, photo } = body as { chat_id: unknown; photo: string };
    const fetched = await fetch(photo);
    const { format, width, height } = await sharp(await fetched.arrayBuffer()).metadata();
    sent.push({ chat_id, format, width, height });
    response.writeHead(request.url === '/sendPhoto' && fetched.ok ? 200 : 400).end();
  });
}).listen(0, '127.0.0.1');
t.teardown(() => telegram.close());
await once(telegram, 'listening');
const TELEGRAM_API = `http://127.0.0.1:${(telegram.address() as AddressInfo).port}`;

t.test('the package holds what is published and nothing else', async (t) => {
  const { files } = consumer;
  for (const file of [
    'package.json',
    'README.md',
    'LICENSE',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/webhooks.d.ts',
  ]) {
    t.ok(files.includes(file), file);
  }
  t.same(
    files.filter((file) => !/^(dist\/[\w.-]+\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file)),
    [],
  );
  t.notMatch(await readFile(join(consumer.folder, 'node_modules/@likeness/client/dist/client.js'), 'utf8'), /\.ts'/);
});

t.test('a consumer compiles, strictly, with the types of the package and what it declares', async (t) => {
  t.equal(await consumer.check(), '');
});

t.test('the story of packages/client/README.md happens as it is told', async (t) => {
  const { stdout } = await run(process.execPath, ['readme.ts'], here({ LIKENESS_URL: service.url, LIKENESS_KEY: key }));
  t.match(stdout, /^12 photos \[\]$/m);
  t.match(stdout, /^succeeded [0-9a-f]{64}$/m);
  t.match(stdout, /^succeeded 2 images$/m);
  for (const name of ['ada-0.jpg', 'ada-1.jpg']) {
    t.match(await sharp(join(consumer.folder, name)).metadata(), { width: 864, height: 1152 }, name);
  }
});

t.test('the client in the README of the service', async (t) => {
  const { avatarId: AVATAR_ID } = await arrangeAvatar(service.app);
  const { stdout } = await run(process.execPath, ['start.ts'], here({ API: service.url, KEY: key, AVATAR_ID }));
  t.match(stdout, /^100 %$/m);
  t.match(stdout, /^succeeded [0-9a-f]{64}$/m);
});

t.test('the guide in TypeScript', async (t) => {
  const port = await stablePort();
  const receiver = { RECEIVER_URL: `http://127.0.0.1:${port}/likeness`, RECEIVER_PORT: String(port) };
  const { stdout } = await run(
    process.execPath,
    ['guide.ts'],
    here({ API: service.url, KEY: key, TELEGRAM_API, ...receiver }),
  );
  for (const line of [
    /^12 photos were accepted$/m,
    /^12 photos, \d[\d.]* USD$/m,
    /^succeeded [0-9a-f]{64}$/m,
    /^the browser sees that it has succeeded$/m,
    /^1 image, \S+ woman, on a bicycle in the rain$/m,
    /^[0-9a-f-]{36}\.webp shows 864×1152 [0-9a-f]{64}$/m,
    /^Telegram answered 200$/m,
    /^webhook endpoint\.ping$/m,
    /^endpoint\.ping \w+ \d+$/m,
    /^the same training$/m,
    /^422 invalid-setting \S+ /m,
  ]) {
    t.match(stdout, line);
  }
  t.same(sent.splice(0), [{ chat_id: '123456', format: 'jpeg', width: 864, height: 1152 }]);
});

t.test('the guide in curl', async (t) => {
  const { url: RECEIVER_URL } = await startReceiver(t);
  const script = `set -euo pipefail\n${blocks(guide, 'bash').join('\n')}`;
  const { stdout } = await run(
    'bash',
    ['-c', script],
    here({ API: service.url, KEY: key, TELEGRAM_API, RECEIVER_URL }),
  );
  for (const line of [/"dry_run":true/, /"status":"succeeded"/, /^event: training\.succeeded$/m, /replayed: true$/m]) {
    t.match(stdout, line);
  }
  t.match(stdout, /^invalid-setting$/m);
  t.ok((await readFile(join(consumer.folder, 'ada.safetensors'))).length > 0);
  t.match(await sharp(join(consumer.folder, 'ada.jpg')).metadata(), { format: 'jpeg', width: 864, height: 1152 });
  t.match(await sharp(join(consumer.folder, 'ada.webp')).metadata(), { format: 'webp', width: 384, height: 512 });
  t.same(sent, [{ chat_id: 123456, format: 'jpeg', width: 864, height: 1152 }]);
});

t.test('the guide says of every problem what to do', async (t) => {
  for (const code of Object.keys(problems)) t.match(guide, `\`${code}\``);
});
