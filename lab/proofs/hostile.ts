import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { type Ground, openGround } from '../ground/service.ts';

type Size = { connections: number; watchMs: number };

const megabyte = 2 ** 20;
const chunk = Buffer.alloc(64 * 1024, 'x');
const mostMb = 100;

/** What many unauthenticated connections cost an api process in memory and in latency for others. */
export const hostile = defineExperiment<Size>({
  name: 'hostile',
  shows: `200 hostile connections cost an api less than ${mostMb} MB.`,
  minutes: 8,
  sizes: { quick: { connections: 50, watchMs: 1000 }, full: { connections: 200, watchMs: 5000 } },
  run,
});

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

async function run(stage: Stage, size: Size): Promise<Findings> {
  const environment = { OVERLOAD_DELAY_SECONDS: '0' };
  const ground = await openGround(stage.house, { name: 'hostile', speed: 1, environment });
  stage.teardown(() => ground.close());
  const figures: Record<string, { before_mb: number; most_mb: number; livez_ms: number }> = {};
  for (const attack of attacks) {
    figures[attack.name] = await suffer(ground, attack, size);
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

/** Starts an api and holds the connections of one attack. @returns the cost */
async function suffer(ground: Ground, attack: Attack, { connections, watchMs }: Size) {
  const api = await ground.start('api');
  // Its first look at the whole schema is not what the attack costs.
  await (await fetch(`${api.url}/readyz`)).text();
  const before = await megabytes(api.url);
  const sockets = Array.from({ length: connections }, () => open(Number(new URL(api.url).port), attack));
  let [most, slowest] = [0, 0];
  const end = performance.now() + watchMs;
  while (performance.now() < end) {
    const asked = performance.now();
    await (await fetch(`${api.url}/livez`)).text();
    slowest = Math.max(slowest, performance.now() - asked);
    most = Math.max(most, await megabytes(api.url));
    await delay(100);
  }
  for (const socket of sockets) socket.destroy();
  await api.kill();
  return { before_mb: Math.round(before), most_mb: Math.round(most), livez_ms: Math.round(slowest) };
}

/** Sends the head and as much of the body as is accepted; reads nothing. */
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
