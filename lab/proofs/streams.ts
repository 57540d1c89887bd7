import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { publish } from '../../src/features/events/publish.ts';
import { transact } from '../../src/platform/db/transact.ts';
import { createWakeups } from '../../src/platform/jobs/wakeups.ts';
import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { openStream, type StreamClient } from '../ground/event-stream.ts';
import { quantile } from '../ground/quantile.ts';
import { type Ground, openGround } from '../ground/service.ts';
import { until } from '../ground/until.ts';

type Size = { count: number; events: number };

const atOnce = 50;
const gapMs = 500;
const patienceMs = 120_000;

/** Many streams on one instance in its own process: their cost, and the latency of events. */
export const streams = defineExperiment<Size>({
  name: 'streams',
  shows: '2,000 streams on one instance see every event; their memory and delay are measured.',
  minutes: 8,
  sizes: { quick: { count: 200, events: 5 }, full: { count: 2000, events: 40 } },
  run,
});

async function run(stage: Stage, { count, events }: Size): Promise<Findings> {
  const environment = { EVENT_STREAMS_PER_CALLER: String(count) };
  const service = await openGround(stage.house, { name: 'streams', speed: 1, environment });
  stage.teardown(() => service.close());
  await service.start('all');
  const wakeups = await createWakeups(service.environment['DATABASE_URL'] ?? '', pino({ level: 'silent' }));
  stage.teardown(() => wakeups.close());
  const before = await megabytes(service);
  const lags: number[] = [];
  const clients = await openAll(stage, service, count, lags);
  const open = await megabytes(service);
  for (let told = 0; told < events; told += 1) {
    await transact({ db: service.db, wakeups }, (tx) =>
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

/** Opens the streams, some at a time. @param lags gets the milliseconds from each event's creation to each reader */
async function openAll(stage: Stage, { url, key }: Ground, count: number, lags: number[]): Promise<StreamClient[]> {
  const clients: StreamClient[] = [];
  stage.teardown(() => clients.forEach(({ vanish }) => vanish()));
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

async function megabytes({ url }: Ground): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}
