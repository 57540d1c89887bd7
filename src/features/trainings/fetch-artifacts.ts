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
 * Fetches LoRA and config of a training, checks both and stores them.
 * @param isAwaited whether the training is still there and waits for them
 * @throws FalError for what is lost, and for what passes
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

/** @returns the signal with the rest of the log: a webhook brings none, and the last poll may be old (fal contract §2.1) */
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

// Files that are no longer where the result said may have been moved: fal's queue is asked for their addresses once more.
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
  // What is stored before the avatar goes is deleted with it, and what is stored in the same moment when this is told.
  if (!(await isAwaited())) throw new FalError('aborted', 'Nobody waits for the files any more.');
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

// A transfer that breaks is taken up where it broke; if it keeps breaking, the job is repeated later.
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
