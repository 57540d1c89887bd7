import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  addPhotos,
  type Avatar,
  type Client,
  type Generation,
  startTraining,
  type Training,
  waitForTraining,
} from '../../../packages/client/src/index.ts';
import { type Display, progressLine } from './display.ts';
import { failureOf, untilDone } from './ends.ts';
import { saveStream, type StoredFile } from './files.ts';
import { fetchImages, makeImages, type StoredImage } from './images.ts';
import { DemoError } from './own-photos.ts';

const filesPerUpload = 4;
const mostPhotos = 20;
const lookEveryMs = 150;

export type State = { state: string; seconds: number };
export type Story = {
  avatar: Avatar;
  training: Training & { states: State[] };
  artifacts: Record<'lora' | 'config', StoredFile>;
  generation: Generation;
  images: StoredImage[];
  webhook: { received: boolean; verified: boolean };
  duration_ms: number;
};

/**
 * Runs the demo as a client of the public API: creates an avatar from photos, trains it, downloads the artifacts, and
 * makes images with it.
 * @param folder for artifacts and images
 * @throws ProblemError of the service; DemoError when training or generation does not succeed
 */
export async function tellStory(client: Client, display: Display, photos: string[], folder: string): Promise<Story> {
  const begin = performance.now();
  const { data: user } = await client.POST('/v1/users', {
    body: { external_id: `demo-${randomUUID()}`, first_name: 'Ada' },
  });
  const { data: avatar } = await client.POST('/v1/avatars', {
    body: { user_id: user.id, name: 'Ada', gender: 'female', training_type: 'portrait' },
  });
  display.say(`Avatar ${avatar.id}`);
  await upload(client, display, avatar.id, photos);
  const started = await startTraining(client, avatar.id, { preset: 'fast' });
  display.say(`Training ${started.id}`);
  const training = await follow(client, display, started.id);
  if (training.status !== 'succeeded' || !training.artifacts) throw new DemoError(failureOf('training', training));
  const received = await webhookCame(client, training);
  const artifacts = await fetchArtifacts(client, training, training.artifacts, join(folder, 'artifacts', training.id));
  const generation = await makeImages(client, display, avatar.id);
  const { data: trained } = await client.GET('/v1/avatars/{id}', { params: { path: { id: avatar.id } } });
  return {
    avatar: trained,
    training: { ...training, states: await statesOf(client, training) },
    artifacts,
    generation,
    images: await fetchImages(client, generation, join(folder, 'images', generation.id)),
    // A webhook that cannot be verified is refused and never shown.
    webhook: { received, verified: received },
    duration_ms: Math.round(performance.now() - begin),
  };
}

async function upload(client: Client, display: Display, avatarId: string, photos: string[]): Promise<void> {
  if (photos.length > mostPhotos) display.say(`${photos.length} files; the first ${mostPhotos} are taken.`);
  const taken = photos.slice(0, mostPhotos);
  let refused = 0;
  for (let from = 0; from < taken.length; from += filesPerUpload) {
    const paths = taken.slice(from, from + filesPerUpload);
    const files = await Promise.all(paths.map(async (path) => new File([await openAsBlob(path)], basename(path))));
    display.progress(`uploading photo ${from + 1} of ${taken.length}`, (from / taken.length) * 100);
    const { rejected } = await addPhotos(client, avatarId, files);
    for (const { filename, detail } of rejected) display.say(`  ${filename} ${detail}`);
    refused += rejected.length;
  }
  display.say(`${taken.length - refused} of ${taken.length} photos uploaded`);
}

async function follow(client: Client, display: Display, id: string): Promise<Training> {
  const onProgress = (training: Training) => display.progress(progressLine(training), training.progress);
  // Events report every twentieth part; a progress line should move more often.
  return untilDone('training', (timeoutMs) => waitForTraining(client, id, { onProgress, pollMs: 500, timeoutMs }));
}

// A poll may have been faster than the webhook, which counts nevertheless.
async function webhookCame(client: Client, training: Training): Promise<boolean> {
  if (training.result_source === 'webhook') return true;
  const deadline = Date.now() + 3000;
  while (Date.now() < deadline) {
    const { data: metrics } = await client.GET('/metrics', { parseAs: 'text' });
    if (/^likeness_fal_webhooks_total\{[^}]*verdict="kept"[^}]*\} [1-9]/m.test(metrics)) return true;
    await delay(lookEveryMs);
  }
  return false;
}

/** The states of a training with their duration in seconds, from the API's events. */
async function statesOf(client: Client, { id, status }: Training): Promise<State[]> {
  const passed: { state: string; at: number }[] = [];
  // The last event is numbered after its commit, so it may appear a moment later.
  for (let tries = 0; tries < 20 && passed.at(-1)?.state !== status; tries += 1) {
    const query = { training_id: id, limit: 1000 };
    const { data: page } = await client.GET('/v1/events', { params: { query } });
    passed.length = 0;
    for (const { type, created_at } of page.data) {
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
  client: Client,
  { id }: Training,
  promised: NonNullable<Training['artifacts']>,
  folder: string,
): Promise<Record<'lora' | 'config', StoredFile>> {
  await mkdir(folder, { recursive: true });
  const fetchOne = async (kind: 'lora' | 'config', name: string): Promise<StoredFile> => {
    const { data } = await client.GET('/v1/trainings/{id}/artifacts/{kind}', {
      params: { path: { id, kind } },
      parseAs: 'stream',
    });
    return saveStream(data, join(folder, name), promised[kind]?.sha256);
  };
  return { lora: await fetchOne('lora', 'lora.safetensors'), config: await fetchOne('config', 'config.json') };
}
