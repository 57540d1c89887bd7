import { setTimeout as delay } from 'node:timers/promises';
import { type Api, apiOf } from '../api.ts';
import { createSigner, delivery, publish, secretOf, type Signer, type Subject } from '../deliveries.ts';
import type { LoadRequest } from '../load.ts';
import { insertRunning } from '../running.ts';
import type { Bench, Section } from '../section.ts';
import { makeKey, startOurs } from '../service.ts';
import { startStandIn } from '../stand-in.ts';
import { openStream } from '../../ground/event-stream.ts';
import { quantile } from '../../ground/quantile.ts';
import { until } from '../../ground/until.ts';

const rate = 100;
const patienceMs = 10_000;

/** From a webhook's arrival to its effects: the event on a client's stream, and the state that is read. */
export async function measureArrivals({ ground, quick }: Bench): Promise<Section[]> {
  const [warm, count] = quick ? [0, rate / 2] : [5 * rate, 15 * rate];
  const signer = createSigner();
  const standIn = await startStandIn('COMPLETED', 5);
  const databaseUrl = await ground.database('arrivals');
  await publish(ground, databaseUrl, signer);
  const environment = { FAL_BASE_URL: standIn.url };
  const [worker, service] = await Promise.all([
    startOurs(ground, { role: 'worker', databaseUrl, environment }),
    startOurs(ground, { role: 'api', databaseUrl, environment }),
  ]);
  try {
    const secret = await secretOf(ground, databaseUrl);
    const key = await makeKey(databaseUrl);
    const subjects = await insertRunning(ground, databaseUrl, warm + count, 3600);
    const follower = await follow(service.url, key);
    const complete = (some: Subject[]) => completeAll(some, { url: service.url, signer, secret, follower });
    // Warm-up: the compiler needs some hundreds of runs.
    await complete(subjects.slice(0, warm));
    const times = await complete(subjects.slice(warm));
    follower.end();
    const p = (share: number) => Math.round(quantile(times, share) * 10) / 10;
    const missing = times.filter((time) => time === patienceMs).length;
    const moved = await countMoved(apiOf(service.url, key), subjects.slice(warm, warm + 50));
    return [
      {
        title: 'From webhook to event',
        targets: [
          {
            what: `Webhook to visible state and event at the client, p99 at ${rate}/s`,
            measured: p(0.99),
            limit: 100,
            is: 'most',
            unit: 'ms',
          },
        ],
        text: [
          `${count} trainings completed at ${rate} a second after ${warm} more, with an API process and a worker process over one database. The ` +
            'time is from sending the webhook to its `training.verifying` event at a client that follows /v1/events/stream; an ' +
            'event is numbered after the commit that made it, so the state is visible before. ' +
            `p50 ${p(0.5)} ms, p99 ${p(0.99)} ms, slowest ${p(1)} ms. ${missing} events did not come within ${patienceMs / 1000} s. The worker fetched and stored the files meanwhile. ` +
            `Read afterwards, ${moved} of 50 trainings were past in_progress.`,
        ],
      },
    ];
  } finally {
    await service.stop();
    await worker.stop();
    await standIn.close();
  }
}

type Course = { url: string; signer: Signer; secret: Buffer; follower: Follower };

/** Delivers a success for each training, at the rate. @returns milliseconds until each event was received */
async function completeAll(subjects: Subject[], { url, signer, secret, follower }: Course): Promise<number[]> {
  const { heard } = follower;
  const deliveries = subjects.map((subject) => ({ subject, request: delivery(signer, secret, subject) }));
  const sent = new Map<string, number>();
  const begun = performance.now();
  const answers: Promise<void>[] = [];
  for (const [index, { subject, request }] of deliveries.entries()) {
    await delay(Math.max(0, begun + (index * 1000) / rate - performance.now()));
    sent.set(subject.trainingId, performance.now());
    answers.push(post(url, request));
  }
  await Promise.all(answers);
  const deadline = performance.now() + patienceMs;
  const isHeard = ({ trainingId }: Subject) => heard.has(trainingId);
  while (!subjects.every(isHeard) && performance.now() < deadline) await delay(20);
  return subjects.map(({ trainingId }) => {
    const [at, from] = [heard.get(trainingId), sent.get(trainingId)];
    return at === undefined || from === undefined ? patienceMs : at - from;
  });
}

async function post(url: string, { path, headers, body }: LoadRequest): Promise<void> {
  const answer = await fetch(url + path, { method: 'POST', headers, ...(body !== undefined && { body }) });
  if (!answer.ok) throw new Error(`a webhook was answered ${answer.status}`);
  await answer.arrayBuffer();
}

type Follower = { heard: Map<string, number>; end(): void };

/** Follows the stream and records when the event of each training arrived. */
async function follow(url: string, key: string): Promise<Follower> {
  const heard = new Map<string, number>();
  const stream = await openStream(`${url}/v1/events/stream?type=training.verifying`, {
    key,
    onFrame: ({ data }) => heard.set(String(data['training_id']), performance.now()),
  });
  if (stream.status !== 200) throw new Error(`the stream was answered ${stream.status}`);
  await until('the opening of the stream', () => stream.retry !== null);
  return { heard, end: stream.vanish };
}

async function countMoved(api: Api, subjects: { trainingId: string }[]): Promise<number> {
  const answers = await Promise.all(subjects.map(({ trainingId }) => api('GET', `/v1/trainings/${trainingId}`)));
  return answers.filter(({ status }) => status === 'verifying' || status === 'succeeded').length;
}
