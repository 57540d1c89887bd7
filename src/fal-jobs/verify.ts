import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { Artifact, Artifacts } from '../platform/db/schema.ts';
import { FalError } from '../fal/errors.ts';
import { readSafetensorsHeader } from '../fal/safetensors.ts';
import { defineJob } from '../platform/jobs/define.ts';
import { withScratch } from '../platform/storage/scratch.ts';
import { advanceTraining } from './advance.ts';
import { errorOf } from './failures.ts';
import { verifyTraining } from '../features/trainings/follow-ups.ts';
import { isTerminal } from './lifecycle.ts';
import { artifactUrls } from './fal-signals.ts';
import { logLines } from '../features/trainings/progress.ts';
import type { Signal } from './signals.ts';
import { findTraining, setNextCheck, shortenDeadline, type Training } from '../features/trainings/store.ts';

const maxConfigBytes = 1_048_576;
const maxResumptions = 3;

/**
 * Fetches what fal made, checks it, stores it: only then has a training succeeded. Also for results that came too late.
 * Fetching may fail as long as fal keeps the files: the job is repeated, and after it the clock (reconcile.ts).
 */
export const verifyTrainingJob = defineJob({
  ...verifyTraining,
  concurrency: 2,
  expireInSeconds: 3600,
  async run(context, { training_id }, signal) {
    const training = await findTraining(context.db, training_id);
    const result = training && pendingResult(training);
    if (!result) return;
    await keepWholeLog(context, training, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      context.log.warn({ err: error, training_id }, 'the rest of a log was not kept');
    });
    try {
      const urls = artifactUrls(training.trainer, result);
      if (!urls) throw new Error(`training ${training.id} has a result without addresses`);
      const artifacts = await withScratch('artifacts', (folder) =>
        fetchWhereTheyAre(context, training, urls, folder, signal),
      );
      await advanceTraining(context, training.id, { kind: 'artifacts', artifacts });
    } catch (error) {
      if (error instanceof FalError && error.code === 'aborted' && !signal.aborted) return;
      if (error instanceof FalError && error.code === 'gone') {
        // Its server may have been wrong about it for a moment; the clock ends the training when the time is over.
        await shortenDeadline(context.db, training.id, new Date(Date.now() + context.config.training.artifactGoneMs));
        throw error;
      }
      const loss = await advanceTraining(context, training.id, lossOf(training, error));
      // A late result whose files are lost ends nothing: the training has ended before.
      if (!loss?.changed && isTerminal(training.status)) {
        context.log.warn({ err: error, training_id: training.id }, 'the files of a late result are lost');
        await setNextCheck(context.db, training.id, null);
      }
    }
  },
  async giveUp(context, { training_id }) {
    const training = await findTraining(context.db, training_id);
    if (!training) return;
    const error = errorOf(
      'artifact-invalid',
      { reason: 'What was made of it can not be stored.' },
      training.fal_request_id,
    );
    const from = training.status;
    const loss = await advanceTraining(context, training_id, { kind: 'give_up', error, charged: 'yes', from });
    if (!loss?.changed) await setNextCheck(context.db, training_id, null);
  },
});

function pendingResult(training: Training): unknown {
  if (training.status === 'verifying') return training.result;
  const isLate = training.status === 'failed' || training.status === 'cancelled';
  // Whoever deleted the avatar wants nothing more of it.
  if (training.avatar_id === null) return null;
  return isLate && !training.late_artifacts ? training.late_result : null;
}

// A webhook brings no log, and the last poll may have been a minute before the end (fal contract §2.1).
async function keepWholeLog(context: Context, training: Training, signal: AbortSignal): Promise<void> {
  if (training.fal_request_id === null) return;
  const status = await context.fal.status(training.endpoint, training.fal_request_id, signal);
  if (status.kind !== 'completed' || status.logs.length <= training.logs.length) return;
  await advanceTraining(context, training.id, { kind: 'postscript', logs: logLines(status.logs), charged: null });
}

type Needs = Pick<Context, 'db' | 'fal' | 'storage' | 'config'>;
type Urls = { lora: string; config: string };

// Files that are no longer where the result said may have been moved: fal's queue is asked for their addresses once more.
async function fetchWhereTheyAre(
  context: Needs,
  training: Training,
  urls: Urls,
  folder: string,
  signal: AbortSignal,
): Promise<Artifacts> {
  try {
    return await fetchArtifacts(context, training, urls, folder, signal);
  } catch (error) {
    if (!(error instanceof FalError) || error.code !== 'gone' || training.fal_request_id === null) throw error;
    const again = await context.fal.result(training.endpoint, training.fal_request_id, signal);
    const now = again.kind === 'ok' ? artifactUrls(training.trainer, again.data) : null;
    if (now === null || (now.lora === urls.lora && now.config === urls.config)) throw error;
    return fetchArtifacts(context, training, now, folder, signal);
  }
}

async function fetchArtifacts(
  context: Needs,
  training: Training,
  urls: Urls,
  folder: string,
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
  const current = await findTraining(context.db, training.id);
  if (!current || !pendingResult(current)) throw new FalError('aborted', 'Nobody waits for the files any more.');
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

// What is no LoRA stays none; everything else passes.
function lossOf(training: Training, error: unknown): Signal {
  if (!(error instanceof FalError)) throw error;
  const detail = { reason: error.message };
  const from = training.status;
  switch (error.code) {
    case 'too_large':
    case 'forbidden_address':
    case 'invalid_safetensors':
    case 'invalid_answer':
      return {
        kind: 'give_up',
        error: errorOf('artifact-invalid', detail, training.fal_request_id),
        charged: 'yes',
        from,
      };
    default:
      throw error;
  }
}
