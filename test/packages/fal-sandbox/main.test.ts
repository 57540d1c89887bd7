import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { t, type Test } from '../../support/tap.ts';
import { createFalClient, type FalClient } from '@fal-ai/client';
import { mappedFetch } from '../../../packages/fal-sandbox/src/mapping.ts';
import { readOptions } from '../../../packages/fal-sandbox/src/options.ts';
import { until } from '../../support/until.ts';
import { photoZip, portrait, upload } from './support.ts';

const root = join(import.meta.dirname, '../../..');
const entry = join(root, 'packages/fal-sandbox/src/main.ts');

/** Starts the entry and gives its address, from the one line that it prints. */
async function start(t: Test, args: string[], env: Record<string, string> = {}, program = entry) {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [program, ...args], { stdio: [...stdio], env: { TMPDIR: folder, ...env } });
  t.teardown(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, folder, url: await readyUrl(child) };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the child has no stdout');
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const ready: { sandbox: string; url: string } = JSON.parse(String(line));
  t.equal(ready.sandbox, 'ready');
  lines.on('line', (more) => t.fail(`a second line: ${more}`));
  return ready.url;
}

const clientOf = (url: string): FalClient => createFalClient({ credentials: 'any:key', fetch: mappedFetch(url) });

const send = async (url: string, method: string, body?: unknown) => {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

t.test('it prints one line when it listens, and ends on SIGTERM without a trace', async (t) => {
  const { child, url, folder } = await start(t, ['--port', '0', '--speed', '140']);
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.match((await send(`${url}/_sandbox/state`, 'GET')).body, { sandbox: true, clock: { speed: 140 } });
  t.equal(readdirSync(folder).length, 1);
  child.kill('SIGTERM');
  t.strictSame(await once(child, 'exit'), [0, null]);
  t.equal(readdirSync(folder).length, 0, 'the temporary folder is gone');
});

t.test('its README begins with two commands and a request by hand, and they are true', async (t) => {
  const readme = readFileSync(join(root, 'packages/fal-sandbox/README.md'), 'utf8');
  const [commands = '', request = ''] = [...readme.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block);
  const [install, run = ''] = commands.trim().split(/\n\s+/);
  t.equal(install, 'npm ci');
  t.match(run, /^npm run fal-sandbox -- --port 8400 /);
  // With a free port, and by the Node that runs the tests: npm would look for another.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { bin } = JSON.parse(readFileSync(join(root, 'packages/fal-sandbox/package.json'), 'utf8'));
  t.equal(scripts['fal-sandbox'], `node packages/fal-sandbox/${bin['fal-sandbox']}`);
  const flags = run.split(' -- ')[1]?.replace('8400', '0').split(' ') ?? [];
  const { url } = await start(t, flags, {}, join(root, 'packages/fal-sandbox', bin['fal-sandbox']));
  const curl = spawn('bash', ['-c', request.replace('http://127.0.0.1:8400', url)]);
  t.match(JSON.parse(await text(curl.stdout)), { status: 'IN_QUEUE', request_id: String });
});

t.test('it ends with its parent: when stdin ends, or the IPC channel', async (t) => {
  const { child } = await start(t, [], { SANDBOX_EXIT_WITH_PARENT: '1' });
  child.stdin?.end();
  t.strictSame(await once(child, 'exit'), [0, null]);
  const forked = fork(entry, ['--port', '0'], { silent: true });
  t.teardown(() => forked.kill('SIGKILL'));
  await readyUrl(forked);
  forked.disconnect();
  t.strictSame(await once(forked, 'exit'), [0, null]);
});

t.test('the environment stands in for flags, and flags win', async (t) => {
  const env = {
    SANDBOX_SPEED: '3',
    SANDBOX_KEY: 'a:b',
    SANDBOX_SETTINGS: '{"concurrency":7}',
    SANDBOX_FAULTS: '[{"on":"submit","fault":"locked","times":"always"}]',
  };
  const { url } = await start(t, ['--speed', '5'], env);
  t.match((await send(`${url}/_sandbox/state`, 'GET')).body, {
    clock: { speed: 5 },
    settings: { concurrency: 7 },
    faults: [{ on: 'submit', fault: 'locked', times: 'always' }],
  });
  t.equal((await send(`${url}/queue.fal.run/fal-ai/turbo-flux-trainer`, 'POST', {})).status, 403);
  t.equal((await send(`${url}/api.fal.ai/v1/models/pricing`, 'GET')).status, 401);
});

t.test("keys and uploads in a folder of one's own outlive it", async (t) => {
  const data = join(t.testdir(), 'data');
  const keysOf = async () => {
    const { child, url } = await start(t, ['--data', data]);
    const { body } = await send(`${url}/rest.fal.ai/.well-known/jwks.json`, 'GET');
    child.kill('SIGINT');
    t.strictSame(await once(child, 'exit'), [0, null]);
    return body;
  };
  const keys = await keysOf();
  t.same(await keysOf(), keys);
  t.ok(existsSync(data));
});

t.test('a bad flag is one sentence', (t) => {
  for (const [args, sentence] of [
    [['--speed', 'fast'], /--speed must be a number/],
    [['--settings', '{"moon":1}'], /unknown setting "moon"/],
    [['--settings', '{"search":"maybe"}'], /"search" takes one of on, off/],
    [['--settings', '[]'], /must be an object/],
    [['--faults', '[{"on":"lunch"}]'], /"on" must be one of/],
    [['--faults', '{'], /--faults must be JSON/],
    [['--moon'], /--moon/],
  ] as const) {
    t.throws(() => readOptions([...args], {}), sentence);
  }
  t.match(readOptions(['--help'], {}).help, /--webhooks-to-loopback/);
  t.end();
});

t.test('bad usage ends with 64, a taken port with 1, and neither shows a stack', async (t) => {
  const { url } = await start(t, []);
  for (const [args, expected, sentence] of [
    [['--port', 'x'], 64, /--port must be a number/],
    [['--port', new URL(url).port], 1, /EADDRINUSE/],
  ] as const) {
    const child = spawn(process.execPath, [entry, ...args]);
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    t.equal(code, expected);
    t.match(said, sentence);
    t.notMatch(said, /\n +at /);
  }
});

t.test('jobs, uploads and their time outlive it, with a folder of its own', async (t) => {
  const data = join(t.testdir(), 'data');
  const slow = ['--data', data, '--speed', '20'];
  const first = await start(t, slow);
  const fal = clientOf(first.url);
  const images_data_url = await upload(fal, await photoZip(4, 128));
  const { request_id: requestId } = await fal.queue.submit(portrait, { input: { images_data_url, steps: 100 } });
  const half = await until('some steps', async () => {
    const steps = await stepsOf(fal, requestId);
    return steps > 1 && steps;
  });
  first.child.kill('SIGINT');
  await once(first.child, 'exit');

  const second = await start(t, slow);
  const again = clientOf(second.url);
  const resumed = await until('the run to go on', async () => {
    const steps = await stepsOf(again, requestId);
    return steps > 0 && steps;
  });
  t.ok(resumed >= half, 'it goes on where it stood');
  await until('its end', async () => (await again.queue.status(portrait, { requestId })).status === 'COMPLETED');
  const { data: result } = await again.queue.result(portrait, { requestId });
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');

  const { url } = await start(t, slow);
  t.same((await clientOf(url).queue.result(portrait, { requestId })).data, result);
  const fetched = mappedFetch(url);
  t.equal((await fetched(result.diffusers_lora_file.url)).status, 200, 'what it made can still be fetched');
  t.equal((await fetched(images_data_url)).status, 200, 'and the archive');
});

async function stepsOf(fal: FalClient, requestId: string): Promise<number> {
  const status = await fal.queue.status(portrait, { requestId, logs: true });
  const logs = 'logs' in status ? status.logs : [];
  return (logs ?? []).filter(({ message }) => message.includes('/100')).length;
}
