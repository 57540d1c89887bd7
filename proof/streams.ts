import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { freePort } from '../src/development/free-port.ts';
import { eventsTopic, publish } from '../src/events/publish.ts';
import { createWakeups } from '../src/jobs/wakeups.ts';
import { createKey } from '../src/keys/create-key.ts';
import { startCommand } from '../test/support/command.ts';
import { openStream } from '../test/support/event-stream.ts';
import { createTestDatabase } from '../test/support/postgres.ts';
import { until } from '../test/support/until.ts';

/* Many streams on one instance, in a process of its own: what they cost, and how late events are. STREAMS=2000 */

const count = Number(process.env['STREAMS'] ?? 2000);
const events = 40;
const gapMs = Number(process.env['GAP_MS'] ?? 500);

const ends: (() => Promise<void>)[] = [];
const scope = { teardown: (end: () => Promise<void>) => void ends.push(end) };

const database = await createTestDatabase(scope);
const folder = await mkdtemp(join(tmpdir(), 'likeness-streams-'));
ends.push(() => rm(folder, { recursive: true }));
const { key } = await createKey(database, { name: 'proof', scopes: ['admin'] });
const port = await freePort('127.0.0.1');
const url = `http://127.0.0.1:${port}`;
const service = startCommand(scope, ['serve'], {
  FAL_MODE: 'sandbox',
  FAL_BASE_URL: 'http://127.0.0.1:9',
  DATABASE_URL: database.url,
  STORAGE_URL: pathToFileURL(folder).href,
  PUBLIC_URL: url,
  PORT: String(port),
  RATE_LIMIT_PER_MINUTE: '1000000',
});
await service.shows('listening at');
const wakeups = await createWakeups(database.url, pino({ level: 'silent' }));
ends.push(() => wakeups.close());

async function megabytes(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}

const before = await megabytes();
const lags: number[] = [];
const clients: Awaited<ReturnType<typeof openStream>>[] = [];
for (let opened = 0; opened < count; opened += 50) {
  const batch = Array.from({ length: Math.min(50, count - opened) }, () =>
    openStream(`${url}/v1/events/stream`, {
      key,
      onFrame: ({ data }) => lags.push(Date.now() - Date.parse(String(data['created_at']))),
    }),
  );
  clients.push(...(await Promise.all(batch)));
}
await until('the openings', () => clients.every(({ retry }) => retry !== null), 60_000);
const after = await megabytes();
for (let told = 0; told < events; told += 1) {
  await publish(database.db, { type: 'provider.recovered', data: { reason: 'proof' } });
  wakeups.wake(eventsTopic);
  await delay(gapMs);
}
await until('every event at every reader', () => clients.every(({ frames }) => frames.length === events), 60_000);
const busy = await megabytes();
lags.sort((a, b) => a - b);
const at = (share: number) => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))];
const figures = {
  streams: clients.length,
  events,
  frames: lags.length,
  memory_mb: { without: Math.round(before), open: Math.round(after), busy: Math.round(busy) },
  kb_per_stream: Math.round(((after - before) * 1024) / count),
  lag_ms: { p50: at(0.5), p99: at(0.99), most: at(1) },
};
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
for (const { vanish } of clients) vanish();
service.child.kill('SIGTERM');
await service.ended;
for (const end of ends.toReversed()) await end();
