import { connect } from 'node:net';
import sharp from 'sharp';
import { jpeg } from '../../ground/pictures.ts';
import { openStream } from '../../ground/event-stream.ts';
import { type Ground, openGround, startCrew } from '../../ground/service.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../ground/quantile.ts';
import { until } from '../../ground/until.ts';

type Size = { rounds: number; side: number; split: boolean };
type Step = 'upload' | 'event' | 'training';
type Times = Record<Step, number[]>;

const most = 5;
/** Milliseconds below which times are noise. */
const leastMs = 100;
const gapMs = 50;
const timeoutMs = 120_000;
const halves = 50;

export const flood = defineExperiment<Size>({
  name: 'flood',
  shows: `While one user and one stranger do their worst, another’s upload, stream and training take ${most} times as long at most.`,
  sizes: {
    quick: { rounds: 5, side: 1500, split: false },
    plain: { rounds: 10, side: 5000, split: true },
    full: { rounds: 30, side: 5000, split: true },
  },
  run,
});

async function run({ house, report }: Stage, { rounds, side, split }: Size): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'flood',
    speed: 100,
    sandbox: { concurrency: 100_000, queue_seconds: 0, decode_images: false },
    environment: {
      RATE_LIMIT_PER_MINUTE: '600',
      RATE_LIMIT_PER_USER_PER_MINUTE: '300',
      POLL_FIRST_SECONDS: '0.5',
      POLL_SECONDS: '1',
      CHECK_INTERVAL_SECONDS: '0.2',
    },
  });
  try {
    await startCrew(ground, { split });
    const hard = await hardPhoto(side);
    const play = async () => {
      const quiet = await measure(ground, rounds);
      const { flooded, answers } = await underAttack(ground, hard, () => measure(ground, rounds));
      return { quiet, flooded, answers, factors: factorsOf(quiet, flooded) };
    };
    let played = await play();
    const isMissed = () => Object.values(played.factors).some((factor) => factor > most);
    const repeated = isMissed();
    if (repeated) {
      report(`${JSON.stringify(played.factors)}: once more`);
      played = await play();
    }
    const { quiet, flooded, answers, factors } = played;
    return {
      figures: {
        quiet_ms: medians(quiet),
        flooded_ms: medians(flooded),
        times_as_long: factors,
        repeated,
        attackers_were_answered: answers,
      },
      claims: {
        [`an upload, an event and a training take ${most} times as long at most`]: !isMissed(),
        'the attackers did ask': Object.values(answers).reduce((sum, count) => sum + count, 0) > 100,
      },
    };
  } finally {
    await ground.close();
  }
}

async function underAttack(ground: Ground, hard: Buffer, work: () => Promise<Times>) {
  const { stop, answers } = await startAttack(ground, hard);
  try {
    return { flooded: await work(), answers };
  } finally {
    await stop();
  }
}

/** Users in turn upload a photo, receive its event and train an avatar. @throws what fails */
async function measure(ground: Ground, rounds: number): Promise<Times> {
  const times: Times = { upload: [], event: [], training: [] };
  for (const avatarId of await ground.avatars(rounds)) {
    const { userId, token } = await userOf(ground, avatarId);
    const stream = await openStream(`${ground.url}/v1/events/stream?user_id=${userId}`, { key: token });
    try {
      await until('the stream', () => stream.retry !== null, { timeoutMs });
      const hears = (type: string) => () => stream.frames.some(({ event }) => event === type);
      const began = performance.now();
      const status = await upload(ground, avatarId, token, [await jpeg()]);
      if (status !== 201) throw new Error(`an honest upload was answered ${status}`);
      const uploaded = performance.now();
      await until('the event of the photo', hears('photo.added'), { timeoutMs, everyMs: 5 });
      const heard = performance.now();
      const start = await ask(ground, token, 'POST', `/v1/avatars/${avatarId}/trainings`, '{"steps":10}');
      if (start !== 202) throw new Error(`an honest start was answered ${start}`);
      await until('the training', hears('training.succeeded'), { timeoutMs, everyMs: 5 });
      times.upload.push(uploaded - began);
      times.event.push(heard - uploaded);
      times.training.push(performance.now() - heard);
    } finally {
      stream.vanish();
    }
  }
  return times;
}

type Attack = { stop: () => Promise<void>; answers: Record<string, number> };

/** One user and one stranger, each doing all they can concurrently. */
async function startAttack(ground: Ground, hard: Buffer): Promise<Attack> {
  const [avatarId = ''] = await ground.avatars(1);
  const { token } = await userOf(ground, avatarId);
  const answers: Record<string, number> = {};
  let isOver = false;
  const again = async (act: (turn: number) => Promise<number>) => {
    for (let turn = 0; !isOver; turn += 1) {
      const status = await act(turn).catch(() => 0);
      answers[status] = (answers[status] ?? 0) + 1;
      // Refusals are fast, and the attackers share the machine.
      if (status !== 201 && status !== 422) await delay(gapMs);
    }
  };
  const faulty = JSON.stringify({ name: `${'a'.repeat(30_000)}\u0001`, more: Array.from({ length: 5000 }, () => 0) });
  const streams = Array.from({ length: 30 }, () =>
    openStream(`${ground.url}/v1/events/stream?after=0`, { key: token }),
  );
  const acts = [
    ...Array.from({ length: 2 }, () => () => upload(ground, avatarId, token, [hard, hard])),
    () => ask(ground, token, 'POST', '/v1/avatars', faulty),
    () =>
      upload(
        ground,
        avatarId,
        token,
        Array.from({ length: 20 }, () => Buffer.from('x')),
      ),
    ...Array.from(
      { length: 3 },
      (_, lane) => (turn: number) => ask(ground, `lk_${lane}-${turn}`, 'GET', '/v1/avatars'),
    ),
    () => ask(ground, null, 'POST', '/nowhere', faulty),
  ];
  const working = acts.map(again);
  const sockets = Array.from({ length: halves }, () => halfWebhook(ground.url));
  return {
    answers,
    async stop() {
      isOver = true;
      for (const socket of sockets) socket.destroy();
      for (const stream of await Promise.all(streams)) stream.vanish();
      await Promise.all(working);
    },
  };
}

async function userOf({ client, pool }: Ground, avatarId: string): Promise<{ userId: string; token: string }> {
  const { rows } = await pool.query<{ user_id: string }>('select user_id from avatars where id = $1', [avatarId]);
  const userId = rows[0]?.user_id ?? '';
  // Inserted users have no external id.
  await pool.query('update users set external_id = id::text where id = $1', [userId]);
  const { status, body } = await client.call('POST', `/v1/users/${userId}/tokens`, {});
  if (status !== 201) throw new Error(`no token was minted: ${JSON.stringify(body)}`);
  return { userId, token: String(body.token) };
}

async function upload({ url }: Ground, avatarId: string, token: string, photos: readonly Buffer[]): Promise<number> {
  const form = new FormData();
  for (const photo of photos) form.append('photos', new Blob([new Uint8Array(photo)]), 'photo');
  return statusOf(`${url}/v1/avatars/${avatarId}/photos`, token, { method: 'POST', body: form });
}

function ask({ url }: Ground, key: string | null, method: string, path: string, body?: string): Promise<number> {
  const json = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
  return statusOf(url + path, key, { method, ...json });
}

async function statusOf(url: string, key: string | null, { headers = {}, ...rest }: RequestInit): Promise<number> {
  const credentials = key === null ? {} : { authorization: `Bearer ${key}` };
  const answer = await fetch(url, { ...rest, headers: { ...(headers as object), ...credentials } });
  await answer.arrayBuffer();
  return answer.status;
}

/** Headers in fal's form, and half a body. */
function halfWebhook(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  const head = [
    'POST /webhooks/fal HTTP/1.1',
    'host: x',
    'content-length: 60000',
    'x-fal-webhook-request-id: a',
    'x-fal-webhook-user-id: a',
    `x-fal-webhook-timestamp: ${Math.floor(Date.now() / 1000)}`,
    `x-fal-webhook-signature: ${'ab'.repeat(64)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(30_000)}`);
  return socket;
}

/** A small file that is slow to decode: tiled noise, lossless. */
async function hardPhoto(side: number): Promise<Buffer> {
  const tile = await sharp({
    create: {
      width: 250,
      height: 250,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  return sharp({ create: { width: side, height: side, channels: 3, background: 'grey' } })
    .composite([{ input: tile, tile: true }])
    .webp({ lossless: true, effort: 0 })
    .toBuffer();
}

function medians(times: Times): Record<Step, number> {
  return each((step) => Math.round(quantile(times[step], 0.5)));
}

function factorsOf(quiet: Times, flooded: Times): Record<Step, number> {
  const median = (times: number[]) => Math.max(leastMs, quantile(times, 0.5));
  return each((step) => Math.round((median(flooded[step]) / median(quiet[step])) * 10) / 10);
}

function each(figure: (step: Step) => number): Record<Step, number> {
  return { upload: figure('upload'), event: figure('event'), training: figure('training') };
}
