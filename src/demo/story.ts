import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, ApiError, type AvatarJson, type EventsJson, type PhotosJson, type TrainingJson } from './api.ts';
import type { Display } from './display.ts';
import { DemoError } from './own-photos.ts';

const filesPerUpload = 4;
const mostPhotos = 20;
const lookEveryMs = 150;
const patienceMs = 5 * 60_000;
const ended = new Set(['succeeded', 'failed', 'cancelled']);

export type State = { state: string; seconds: number };
export type StoredFile = { path: string; size: number; sha256: string };
export type Story = {
  avatar: AvatarJson;
  training: TrainingJson & { states: State[] };
  artifacts: Record<'lora' | 'config', StoredFile>;
  webhook: { received: boolean; verified: boolean };
  duration_ms: number;
};

/**
 * The demo itself: a client of the public HTTP API makes an avatar from photos, trains it, follows the training and
 * fetches what it made.
 * @param folder where the artifacts are put
 * @throws DemoError when the photos can't be trained, ApiError with the service's words, DemoError when training fails
 */
export async function tellStory(api: Api, display: Display, photos: string[], folder: string): Promise<Story> {
  const begin = performance.now();
  const user = await api.post<{ id: string }>('/v1/users', { external_id: `demo-${randomUUID()}`, first_name: 'Ada' });
  const { id } = await api.post<AvatarJson>('/v1/avatars', {
    user_id: user.id,
    name: 'Ada',
    gender: 'female',
    training_type: 'portrait',
  });
  display.say(`Avatar ${id}`);
  await upload(api, display, id, photos);
  const started = await api.post<TrainingJson>(`/v1/avatars/${id}/trainings`, { preset: 'fast' });
  display.say(`Training ${started.id}`);
  const training = await follow(api, display, started.id);
  if (training.status !== 'succeeded' || !training.artifacts) throw new DemoError(failureOf(training));
  const received = await webhookCame(api, training);
  return {
    avatar: await api.get<AvatarJson>(`/v1/avatars/${id}`),
    training: { ...training, states: await statesOf(api, training) },
    artifacts: await fetchArtifacts(api, training, training.artifacts, join(folder, training.id)),
    // A webhook that is not verified is refused and nowhere to be seen.
    webhook: { received, verified: received },
    duration_ms: Math.round(performance.now() - begin),
  };
}

async function upload(api: Api, display: Display, avatarId: string, photos: string[]): Promise<void> {
  if (photos.length > mostPhotos) display.say(`${photos.length} files; the first ${mostPhotos} are taken.`);
  const taken = photos.slice(0, mostPhotos);
  let rejected = 0;
  for (let from = 0; from < taken.length; from += filesPerUpload) {
    const form = new FormData();
    for (const path of taken.slice(from, from + filesPerUpload)) {
      form.append('photos', await openAsBlob(path), basename(path));
    }
    display.progress(`uploading photo ${from + 1} of ${taken.length}`, (from / taken.length) * 100);
    const answer = await api.post<PhotosJson>(`/v1/avatars/${avatarId}/photos`, form).catch(noneUsable);
    for (const { filename, detail } of answer.rejected) display.say(`  ${filename} ${detail}`);
    rejected += answer.rejected.length;
  }
  display.say(`${taken.length - rejected} of ${taken.length} photos uploaded`);
}

// An upload of which nothing can be used is a problem, with the same members as the answer of any other.
function noneUsable(error: unknown): PhotosJson {
  if (!(error instanceof ApiError) || error.problem.code !== 'photos-rejected') throw error;
  const { rejected } = error.problem;
  return { accepted: [], rejected: Array.isArray(rejected) ? rejected : [] };
}

async function follow(api: Api, display: Display, id: string): Promise<TrainingJson> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const training = await api.get<TrainingJson>(`/v1/trainings/${id}`);
    display.progress(lineOf(training), training.progress);
    if (ended.has(training.status)) return training;
    if (Date.now() > deadline) {
      throw new DemoError(`The training is still ${training.status} after five minutes; something is wrong.`);
    }
    await delay(lookEveryMs);
  }
}

function lineOf({ status, progress, step, total_steps, loss, blocked_reason }: TrainingJson): string {
  return [
    `${status.replace('_', ' ')} ${progress} %`,
    step !== null && total_steps !== null ? `step ${step} of ${total_steps}` : '',
    loss === null ? '' : `loss ${loss.toFixed(3)}`,
    blocked_reason ? `waits: ${blocked_reason}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function failureOf({ id, status, charged, error }: TrainingJson): string {
  const why = error ? ` (${error.code}): ${error.message}` : '.';
  return `The training ${id} ${status}${why} Charged: ${charged ?? 'no'}.`;
}

// The result may have been asked for a moment before the webhook came with it; the webhook counts all the same.
async function webhookCame(api: Api, training: TrainingJson): Promise<boolean> {
  if (training.result_source === 'webhook') return true;
  const deadline = Date.now() + 3000;
  while (Date.now() < deadline) {
    const metrics = await (await api.open('/metrics')).text();
    if (/^likeness_fal_webhooks_total\{[^}]*verdict="kept"[^}]*\} [1-9]/m.test(metrics)) return true;
    await delay(lookEveryMs);
  }
  return false;
}

/** The states that a training passed, each with the seconds it lasted, by the events of the API. */
async function statesOf(api: Api, { id, status }: TrainingJson): Promise<State[]> {
  const passed: { state: string; at: number }[] = [];
  // The last event is numbered after its commit and may follow the state by a moment.
  for (let tries = 0; tries < 20 && passed.at(-1)?.state !== status; tries += 1) {
    const { data } = await api.get<EventsJson>(`/v1/events?training_id=${id}&limit=1000`);
    passed.length = 0;
    for (const { type, created_at } of data) {
      const state = stateBy[type];
      if (state && state !== passed.at(-1)?.state) passed.push({ state, at: Date.parse(created_at) });
    }
    if (passed.at(-1)?.state !== status) await delay(lookEveryMs);
  }
  return passed.map(({ state, at }, index) => ({ state, seconds: ((passed[index + 1]?.at ?? at) - at) / 1000 }));
}

const stateBy: Record<string, string> = {
  'training.queued': 'queued',
  'training.preparing': 'preparing',
  'training.submitting': 'submitting',
  'training.submitted': 'in_queue',
  'training.started': 'in_progress',
  'training.verifying': 'verifying',
  'training.succeeded': 'succeeded',
};

async function fetchArtifacts(
  api: Api,
  { id }: TrainingJson,
  promised: NonNullable<TrainingJson['artifacts']>,
  folder: string,
): Promise<Record<'lora' | 'config', StoredFile>> {
  await mkdir(folder, { recursive: true });
  const fetchOne = async (kind: 'lora' | 'config', name: string): Promise<StoredFile> => {
    const path = join(folder, name);
    const response = await api.open(`/v1/trainings/${id}/artifacts/${kind}`);
    const hash = createHash('sha256');
    let size = 0;
    if (!response.body) throw new DemoError(`The ${kind} file came without content.`);
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    const sha256 = hash.digest('hex');
    if (sha256 !== promised[kind].sha256) throw new DemoError(`The ${kind} file is not what the training promises.`);
    return { path, size, sha256 };
  };
  return { lora: await fetchOne('lora', 'lora.safetensors'), config: await fetchOne('config', 'config.json') };
}
