import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { stablePort } from '../ground/ports.ts';
import { createEmptyDatabase } from '../../test/support/postgres.ts';
import { until } from '../ground/until.ts';
import type { Findings, Proof, Stage } from './proof.ts';

const connections = 200;
const megabyte = 2 ** 20;
const chunk = Buffer.alloc(64 * 1024, 'x');
const watchMs = 5000;
const startMs = 120_000;
const mostMb = 100;
// Another checkout may be measured, for a comparison.
const root = resolve(process.env['HOSTILE_ROOT'] ?? join(import.meta.dirname, '../..'));
const likeness = join(root, 'bin/likeness.js');

/** What 200 connections of somebody without a key cost an api in memory, and in its answers to others. */
export const hostile: Proof = {
  name: 'hostile',
  claim: `${connections} hostile connections cost an api less than ${mostMb} MB.`,
  minutes: 8,
  run,
};

type Attack = { name: string; head: () => string[]; bytes: number };

const half = (method: string, path: string, length: number, headers: string[] = []) => [
  `${method} ${path} HTTP/1.1`,
  'host: x',
  'content-type: application/json',
  `content-length: ${length}`,
  ...headers,
];
const signed = () => [
  'x-fal-webhook-request-id: a',
  'x-fal-webhook-user-id: a',
  `x-fal-webhook-timestamp: ${Math.floor(Date.now() / 1000)}`,
  `x-fal-webhook-signature: ${'ab'.repeat(64)}`,
];

const attacks: readonly Attack[] = [
  { name: 'half webhooks', head: () => half('POST', '/webhooks/fal', 5 * megabyte), bytes: 4.9 * megabyte },
  {
    name: 'half webhooks that look signed',
    head: () => half('POST', '/webhooks/fal', 5 * megabyte, signed()),
    bytes: 4.9 * megabyte,
  },
  {
    name: 'half webhooks that look signed and small',
    head: () => half('POST', '/webhooks/fal', 64 * 1024, signed()),
    bytes: 60 * 1024,
  },
  { name: 'half JSON without a key', head: () => half('POST', '/v1/users', megabyte), bytes: 0.9 * megabyte },
  { name: 'half JSON where no route is', head: () => half('POST', '/nowhere', megabyte), bytes: 0.9 * megabyte },
  { name: 'answers that nobody reads', head: () => ['GET /openapi.json HTTP/1.1', 'host: x'], bytes: 0 },
];

async function run(stage: Stage): Promise<Findings> {
  const database = await createEmptyDatabase(stage);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-hostile-'));
  stage.teardown(() => rm(folder, { recursive: true, force: true }));
  const environment = {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: database.url,
    STORAGE_URL: pathToFileURL(folder).href,
    PUBLIC_URL: 'http://127.0.0.1:8787',
    OVERLOAD_DELAY_SECONDS: '0',
    PATH: process.env['PATH'] ?? '',
  };
  await promisify(execFile)(process.execPath, [likeness, 'db', 'migrate'], { env: environment });
  const figures: Record<string, { before_mb: number; most_mb: number; livez_ms: number }> = {};
  for (const attack of attacks) {
    figures[attack.name] = await suffer(stage, environment, attack);
    stage.report(`${attack.name}: ${JSON.stringify(figures[attack.name])}`);
  }
  const costs = Object.values(figures).map(({ before_mb, most_mb }) => most_mb - before_mb);
  return {
    figures,
    claims: {
      [`no attack costs ${mostMb} MB`]: Math.max(...costs) < mostMb,
    },
  };
}

/** Starts an api, opens the connections of one attack and holds them. @returns what it cost */
async function suffer(stage: Stage, environment: Record<string, string>, attack: Attack) {
  const port = await stablePort();
  const child = spawn(process.execPath, [likeness, 'serve', '--role', 'api'], {
    env: { ...environment, PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  stage.teardown(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(
    'the api',
    () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    startMs,
  );
  const before = await megabytes(url);
  const sockets = Array.from({ length: connections }, () => open(port, attack));
  let [most, slowest] = [0, 0];
  const end = performance.now() + watchMs;
  while (performance.now() < end) {
    const asked = performance.now();
    await (await fetch(`${url}/livez`)).text();
    slowest = Math.max(slowest, performance.now() - asked);
    most = Math.max(most, await megabytes(url));
    await delay(100);
  }
  for (const socket of sockets) socket.destroy();
  child.kill('SIGKILL');
  await ended;
  return { before_mb: Math.round(before), most_mb: Math.round(most), livez_ms: Math.round(slowest) };
}

/** Sends the head and as much of the body as is taken; reads nothing. */
function open(port: number, { head, bytes }: Attack): Socket {
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  let left = Math.floor(bytes);
  const send = () => {
    while (left > 0 && !socket.destroyed) {
      const part = chunk.subarray(0, Math.min(chunk.length, left));
      left -= part.length;
      if (!socket.write(part)) return;
    }
  };
  socket.on('drain', send);
  socket.write(`${head().join('\r\n')}\r\n\r\n`);
  send();
  return socket;
}

async function megabytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / megabyte;
}
