import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { FalError } from '../../fal/errors.ts';
import type { Downloaded } from '../../fal/fal.ts';
import { readSafetensorsHeader } from '../../fal/safetensors.ts';
import { logLines } from '../../fal-jobs/fal-signals.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import type { Artifact, Artifacts } from '../../platform/db/schema.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { artifactUrls } from './artifact-urls.ts';
import type { Training } from './store.ts';

const maxConfigBytes = 1_048_576;
const maxResumptions = 3;

/**
 * Downloads LoRA and config of a training, verifies and stores them.
 * @param isAwaited whether the training still waits for them
 * @throws FalError, permanent or temporary
 */
export async function fetchTraining(
  context: Needs,
  training: Training,
  result: unknown,
  isAwaited: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Artifacts> {
  const urls = artifactUrls(training.trainer, result);
  if (!urls) throw new Error(`training ${training.id} has a result without addresses`);
  return withScratch('artifacts', (folder) => fetchWhereTheyAre(context, training, urls, folder, isAwaited, signal));
}

/** @returns a signal with the complete log: a webhook carries none, and the last poll may be old (fal contract §2.1) */
export async function wholeLog(
  { fal }: Pick<Context, 'fal'>,
  training: Training,
  signal: AbortSignal,
): Promise<Signal | null> {
  if (training.fal_request_id === null) return null;
  const status = await fal.status(training.endpoint, training.fal_request_id, signal);
  if (status.kind !== 'completed' || status.logs.length <= training.logs.length) return null;
  return { kind: 'postscript', logs: logLines(status.logs), charged: null };
}

type Needs = Pick<Context, 'fal' | 'storage' | 'config'>;
type Urls = { lora: string; config: string };

// Files that are not where the result said may have moved: the queue is asked once for their current URLs.
async function fetchWhereTheyAre(
  context: Needs,
  training: Training,
  urls: Urls,
  folder: string,
  isAwaited: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Artifacts> {
  try {
    return await fetchArtifacts(context, training, urls, folder, isAwaited, signal);
  } catch (error) {
    if (!(error instanceof FalError) || error.code !== 'gone' || training.fal_request_id === null) throw error;
    const again = await context.fal.result(training.endpoint, training.fal_request_id, signal);
    const now = again.kind === 'ok' ? artifactUrls(training.trainer, again.data) : null;
    if (now === null || (now.lora === urls.lora && now.config === urls.config)) throw error;
    return fetchArtifacts(context, training, now, folder, isAwaited, signal);
  }
}

async function fetchArtifacts(
  context: Needs,
  training: Training,
  urls: Urls,
  folder: string,
  isAwaited: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Artifacts> {
  const lora = await downloadLora(context, urls.lora, folder, signal);
  const config = await downloadConfig(context, urls.config, folder, signal);
  // Files stored before the avatar's deletion are deleted with it; a check here covers those stored during it.
  if (!(await isAwaited())) throw new FalError('aborted', 'The training no longer waits for the files.');
  return {
    lora: await keepArtifact(context, training.id, lora),
    config: await keepArtifact(context, training.id, config),
  };
}

export type FetchedFile = Downloaded & { url: string; path: string; name: string; storedAs: string };

/** Downloads a LoRA and verifies it. @throws FalError, permanent or temporary */
export async function downloadLora(
  { fal, config }: Pick<Context, 'fal' | 'config'>,
  url: string,
  folder: string,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const name = 'lora.safetensors';
  const to = { path: join(folder, name), maxBytes: config.fal.maxLoraBytes, resume: true };
  const file = await persist(() => fal.download(url, to, signal));
  await readSafetensorsHeader(to.path);
  return { ...file, url, path: to.path, name, storedAs: 'application/octet-stream' };
}

/** Downloads the config of a LoRA, which is JSON. @throws FalError, permanent or temporary */
export async function downloadConfig(
  { fal }: Pick<Context, 'fal'>,
  url: string,
  folder: string,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const name = 'config.json';
  const to = { path: join(folder, name), maxBytes: maxConfigBytes };
  const file = await fal.download(url, to, signal);
  await readJson(to.path);
  return { ...file, url, path: to.path, name, storedAs: 'application/json' };
}

// A broken transfer is resumed; after too many, the job is retried later.
async function persist<T>(download: () => Promise<T>): Promise<T> {
  for (let rest = maxResumptions; ; rest -= 1) {
    try {
      return await download();
    } catch (error) {
      if (rest === 0 || !(error instanceof FalError) || error.code !== 'unavailable') throw error;
    }
  }
}

async function readJson(path: string): Promise<void> {
  try {
    JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FalError('invalid_answer', 'The config file of the training is not JSON.', { cause: error });
  }
}

/** Stores a file as one of a training. @throws StorageError */
export async function keepArtifact(
  { storage }: Pick<Context, 'storage'>,
  trainingId: string,
  { url, path, name, storedAs, size, sha256 }: FetchedFile,
): Promise<Artifact> {
  const key = artifactKey(trainingId, name);
  await storage.putFile(key, path, storedAs);
  return { url, storage_key: key, size, sha256, content_type: storedAs };
}

export function artifactKey(trainingId: string, name: string): string {
  return `artifacts/${trainingId}/${name}`;
}
