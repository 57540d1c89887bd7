import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { FalError } from '../../fal/errors.ts';
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
  const { fal, config } = context;
  const lora = { path: join(folder, 'lora.safetensors'), maxBytes: config.fal.maxLoraBytes, resume: true };
  const loraFile = await persist(() => fal.download(urls.lora, lora, signal));
  await readSafetensorsHeader(lora.path);
  const settings = { path: join(folder, 'config.json'), maxBytes: maxConfigBytes };
  const configFile = await fal.download(urls.config, settings, signal);
  await readJson(settings.path);
  // Files stored before the avatar's deletion are deleted with it; a check here covers those stored during it.
  if (!(await isAwaited())) throw new FalError('aborted', 'The training no longer waits for the files.');
  return {
    lora: await keep(
      context,
      training.id,
      'lora.safetensors',
      'application/octet-stream',
      urls.lora,
      lora.path,
      loraFile,
    ),
    config: await keep(context, training.id, 'config.json', 'application/json', urls.config, settings.path, configFile),
  };
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

async function keep(
  { storage }: Pick<Context, 'storage'>,
  trainingId: string,
  name: string,
  contentType: string,
  url: string,
  path: string,
  { size, sha256 }: { size: number; sha256: string },
): Promise<Artifact> {
  const key = `artifacts/${trainingId}/${name}`;
  await storage.putFile(key, path, contentType);
  return { url, storage_key: key, size, sha256, content_type: contentType };
}
