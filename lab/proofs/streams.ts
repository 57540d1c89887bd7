import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { stablePort } from '../ground/ports.ts';
import { publish } from '../../src/features/events/publish.ts';
import { transact } from '../../src/platform/db/transact.ts';
import { createWakeups } from '../../src/platform/jobs/wakeups.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { startCommand } from '../../test/support/command.ts';
import { openStream, type StreamClient } from '../../test/support/event-stream.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { quantile } from '../ground/quantile.ts';
import { until } from '../ground/until.ts';
import type { Findings, Proof, Stage } from './proof.ts';

const count = 2000;
const atOnce = 50;
const events = 40;
const gapMs = 500;
const patienceMs = 120_000;

/** Many streams on one instance, a process of its own: what they cost, and how late events are. */
export const streams: Proof = {
  name: 'streams',
  claim: `${count} streams on one instance see every event; their memory and delay are measured.`,
  minutes: 8,
  run,
};

type Service = { url: string; key: string; database: TestDatabase };

async function run(stage: Stage): Promise<Findings> {
  const service = await startService(stage);
  const wakeups = await createWakeups(service.database.url, pino({ level: 'silent' }));
  stage.teardown(() => wakeups.close());
  const before = await megabytes(service);
  const lags: number[] = [];
  const clients = await openAll(stage, service, lags);
  const open = await megabytes(service);
  for (let told = 0; told < events; told += 1) {
    await transact({ db: service.database.db, wakeups }, (tx) =>
      publish(tx, { type: 'provider.recovered', data: { reason: 'proof' } }),
    );
    await delay(gapMs);
  }
  const isDone = () => clients.every(({ frames }) => frames.length === events);
  await until('every event at every reader', isDone, patienceMs);
  const busy = await megabytes(service);
  const at = (share: number) => Math.round(quantile(lags, share));
  return {
    figures: {
      streams: clients.length,
      events,
      frames: lags.length,
      memory_mb: { without: Math.round(before), open: Math.round(open), busy: Math.round(busy) },
      kb_per_stream: Math.round(((open - before) * 1024) / count),
      lag_ms: { p50: at(0.5), p99: at(0.99), most: at(1) },
    },
    claims: {
      'every reader sees every event once': lags.length === count * events,
      'a stream takes less than 100 KB': ((open - before) * 1024) / count < 100,
    },
  };
}

async function startService(stage: Stage): Promise<Service> {
  const database = await createTestDatabase(stage);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-streams-'));
  stage.teardown(() => rm(folder, { recursive: true }));
  const { key } = await createKey(database, { name: 'proof', scopes: ['admin'] });
  const port = await stablePort();
  const url = `http://127.0.0.1:${port}`;
  const running = startCommand(stage, ['serve'], {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: database.url,
    STORAGE_URL: pathToFileURL(folder).href,
    PUBLIC_URL: url,
    PORT: String(port),
    RATE_LIMIT_PER_MINUTE: '1000000',
    EVENT_STREAMS_PER_CALLER: String(count),
  });
  await running.shows('listening at');
  return { url, key, database };
}

/** Opens the streams, some at a time; `lags` gets the milliseconds from each event's making to each reader. */
async function openAll(stage: Stage, { url, key }: Service, lags: number[]): Promise<StreamClient[]> {
  const clients: StreamClient[] = [];
  stage.teardown(async () => clients.forEach(({ vanish }) => vanish()));
  for (let opened = 0; opened < count; opened += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - opened) }, () =>
      openStream(`${url}/v1/events/stream`, {
        key,
        onFrame: ({ data }) => lags.push(Date.now() - Date.parse(String(data['created_at']))),
      }),
    );
    clients.push(...(await Promise.all(batch)));
  }
  await until('the openings', () => clients.every(({ retry }) => retry !== null), patienceMs);
  stage.report(`${clients.length} open`);
  return clients;
}

async function megabytes({ url }: Service): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}
