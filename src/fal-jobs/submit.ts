import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../context.ts';
import { databaseFault, isDeterministic, isRetryable } from '../platform/db/faults.ts';
import { FalError } from '../fal/errors.ts';
import { storableText } from '../fal/lossless-json.ts';
import type { FalFailure, SubmitOutcome } from '../fal/outcomes.ts';
import { transact } from '../platform/db/transact.ts';
import { defineJob } from '../platform/jobs/define.ts';
import { withScratch } from '../platform/storage/scratch.ts';
import { StorageError } from '../platform/storage/storage.ts';
import { trainerNamed } from '../features/trainers/registry.ts';
import { buildInput } from '../features/trainers/settings.ts';
import { advanceIn, advanceTraining, logAdvance } from './advance.ts';
import { type ArchivedPhoto, buildArchive, PhotoMissingError } from '../features/trainings/archive.ts';
import { bareSignal } from './bare-signal.ts';
import { noteAdmission, noteRefusal } from './circuit.ts';
import { outageGapMs } from './backoff.ts';
import { findManifestPhotos } from '../features/trainings/manifest.ts';
import { blockedReason, errorOf, errorOfFailure } from './failures.ts';
import { submitTraining } from '../features/trainings/follow-ups.ts';
import { stoppedTopic, topics } from '../topics.ts';
import { submissionsCounter, uploadsCounter } from '../features/trainings/metrics.ts';
import type { Signal, SignalOf } from './signals.ts';
import { countUpload, findTraining, keepArchive, type Training, uncountUpload } from '../features/trainings/store.ts';
import { attemptToken } from './token.ts';

/**
 * The way of a training to fal: archive, upload, intent, one POST. It may run again after a crash at any point: what it
 * finds preparing it prepares again, from the archive that an earlier try has uploaded; what it finds submitting it leaves
 * alone, for the POST may have been made, and settling that is another's work (reconcile-submission.ts). When the training ends
 * meanwhile, packing and upload are aborted.
 */
export const submitTrainingJob = defineJob({
  ...submitTraining,
  concurrency: 4,
  async run(context, { training_id }, signal) {
    const training = await findTraining(context.db, training_id);
    if (training?.status !== 'preparing') return;
    const stopped = new AbortController();
    const off = context.wakeups.on(stoppedTopic(training.id), () => stopped.abort());
    const prepared = await prepare(context, training, AbortSignal.any([signal, stopped.signal])).finally(off);
    if (prepared === null) return;
    if (prepared.kind !== 'submit') return settle(context, training, prepared);
    // A process that is ending may not live to hear the answer.
    signal.throwIfAborted();
    const intent = await advanceTraining(context, training.id, prepared);
    if (!intent?.changed) return;
    const answer = await post(context, training, prepared);
    submissionsCounter(context.metrics).inc({ outcome: answer.kind });
    await keepAnswer(context, training, { ...answer, submissionId: prepared.submissionId });
  },
  // Only what comes before the POST throws what the database has against the data.
  async giveUp(context, { training_id }) {
    await advanceTraining(context, training_id, unprepared('The database does not take what is to be sent.'));
  },
});

/** How often an answer is tried to be written; the gaps between them grow to half a minute in all. */
const answerTries = 11;

type Answer = SignalOf<'accepted' | 'blocked' | 'submit_unknown' | 'give_up'>;

// fal gives its answer once. What stops it from being written passes, as a restart of PostgreSQL does.
async function keepAnswer(context: Context, training: Training, answer: Answer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await settle(context, training, answer);
    } catch (error) {
      const told = { training_id: training.id, answer: answer.kind, fal_request_id: requestIdOf(answer) };
      context.log.error({ err: error, ...told }, 'the answer of fal to a submission could not be kept');
      if (isDeterministic(error)) return settle(context, training, bareSignal(training, answer));
      if (tries === answerTries) throw error;
      await delay(Math.min(100 * 2 ** tries, 5000));
    }
  }
}

function requestIdOf(answer: Signal): string | null {
  return answer.kind === 'accepted' ? answer.falRequestId : null;
}

// What fal said of this training says something of the next ones: both are written together.
async function settle(context: Context, training: Training, answer: Signal): Promise<void> {
  const { blockedRetryMs } = context.config.training;
  const advance = await transact(context, async (tx) => {
    const advanced = await advanceIn(tx, context, training.id, answer);
    if (answer.kind === 'accepted') await noteAdmission(tx);
    // The object store being away says nothing of fal.
    if (answer.kind === 'blocked' && answer.reason !== 'storage-unavailable') {
      // Before the POST it is known that fal was out of reach, and nothing but photos has to be sent again.
      const isAway = answer.reason === 'provider-unavailable' && answer.from === 'preparing';
      await noteRefusal(tx, answer.reason, isAway ? outageGapMs(blockedRetryMs) : blockedRetryMs);
    }
    if (answer.kind === 'submit_unknown') await noteRefusal(tx, 'provider-unavailable', blockedRetryMs);
    // Whether others are let in may have changed with it.
    tx.wake(topics.trainingDispatch);
    return advanced;
  });
  if (advance?.changed) logAdvance(context, advance, answer);
  const falRequestId = requestIdOf(answer);
  if (falRequestId !== null && advance?.training.fal_request_id !== falRequestId) {
    const fields = { training_id: training.id, fal_request_id: falRequestId };
    context.log.error(fields, 'fal took a submission that had been settled otherwise: its job is not followed');
  }
}

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage' | 'installation' | 'metrics'>;

/** @returns null when the training has ended or moved on meanwhile */
async function prepare(
  context: Needs,
  training: Training,
  signal: AbortSignal,
): Promise<SignalOf<'submit' | 'blocked' | 'give_up'> | null> {
  try {
    const archive = archiveAtHand(context, training) ?? (await uploadArchive(context, training, signal));
    return archive && intentOf(context, training, archive);
  } catch (error) {
    const isOver = signal.aborted && (await findTraining(context.db, training.id))?.status !== 'preparing';
    return isOver ? null : refusalOf(error);
  }
}

type Archive = { submissionId: string; url: string };

// Of a try that failed after the upload and before any POST; the input is written with the POST's intent.
function archiveAtHand(
  { config }: Needs,
  { archive_url: url, submission_id: submissionId, fal_input }: Training,
): Archive | null {
  if (url === null || submissionId === null || fal_input !== null) return null;
  const uploadedAt = Number.parseInt(submissionId.replace('-', '').slice(0, 12), 16);
  // fal may fetch it as late as it may start the job.
  const neededMs = config.fal.startTimeoutSeconds * 1000;
  return uploadedAt + config.fal.archiveExpirySeconds * 1000 - neededMs > Date.now() ? { url, submissionId } : null;
}

/** How often a training's photos are sent to fal at most, whatever keeps what came of it from being written. */
const uploadsMax = 20;

async function uploadArchive(context: Needs, training: Training, signal: AbortSignal): Promise<Archive | null> {
  // Its time is that of the upload, by which it is known how long fal keeps it.
  const submissionId = uuidv7();
  return withScratch('archive', async (folder) => {
    const path = join(folder, `${submissionId}.zip`);
    await buildArchive(context, await photosOf(context, training), path, signal);
    signal.throwIfAborted();
    const uploads = await countUpload(context.db, training.id);
    if (uploads === undefined) return null;
    if (uploads > uploadsMax) throw new Error(`The photos were sent to fal ${uploadsMax} times, each time in vain.`);
    const archive = {
      path,
      name: `${submissionId}.zip`,
      contentType: 'application/zip',
      expiresInSeconds: context.config.fal.archiveExpirySeconds,
    };
    uploadsCounter(context.metrics).inc();
    const { url } = await context.fal.upload(archive, signal).catch(async (error: unknown) => {
      if (error instanceof FalError && error.code !== 'aborted') await uncountUpload(context.db, training.id);
      throw error;
    });
    const kept = await keepArchive(context.db, training, { submissionId, url });
    return kept === 'preparing' ? { submissionId, url } : null;
  });
}

async function photosOf({ db }: Pick<Context, 'db'>, training: Training): Promise<ArchivedPhoto[]> {
  const photos = await findManifestPhotos(db, training.photo_manifest);
  return photos.map(({ id, sha256, photo }) => {
    if (!photo) throw new PhotoMissingError(id, 'is no longer there');
    return { id, sha256, key: photo.minio_key, extension: photo.format };
  });
}

function intentOf(
  { config }: Pick<Context, 'config'>,
  training: Training,
  { submissionId, url }: Archive,
): SignalOf<'submit'> {
  const trainer = trainerNamed(training.trainer);
  return {
    kind: 'submit',
    submissionId,
    archiveUrl: url,
    falInput: buildInput(trainer, training.training_type, training.settings, url),
    // Without the token: this address is stored and shown.
    webhookUrl: `${config.publicUrl}/webhooks/fal`,
    settleAt: new Date(Date.now() + config.fal.timeoutMs + config.training.pollFirstMs),
  };
}

// Before the POST nothing has been paid: every way out of here is free.
function refusalOf(error: unknown): SignalOf<'blocked' | 'give_up'> {
  const from = 'preparing';
  if (error instanceof PhotoMissingError) {
    return {
      kind: 'give_up',
      error: errorOf('photos-missing', { photo_id: error.photoId }, null),
      charged: 'no',
      from,
    };
  }
  if (error instanceof FalError && error.code === 'refused' && error.failure) {
    const reason = blockedReason(error.failure);
    if (reason) return { kind: 'blocked', reason, from };
    return { kind: 'give_up', error: errorOfFailure(error.failure), charged: 'no', from };
  }
  if (error instanceof FalError && error.code !== 'aborted') {
    return { kind: 'blocked', reason: 'provider-unavailable', from };
  }
  // The store, or the disk for temporary files: others, that need neither now, get the room.
  if (error instanceof StorageError || (isSystemError(error) && databaseFault(error) === null)) {
    return { kind: 'blocked', reason: 'storage-unavailable', from };
  }
  if (isRetryable(error) || isAbort(error)) throw error;
  return unprepared(error instanceof Error ? error.message : String(error));
}

function unprepared(reason: string): SignalOf<'give_up'> {
  return {
    kind: 'give_up',
    error: errorOf('preparation-failed', { reason: storableText(reason).slice(0, 300) }, null),
    charged: 'no',
    from: 'preparing',
  };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof FalError ||
    (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
  );
}

async function post(context: Needs, training: Training, intent: SignalOf<'submit'>): Promise<Answer> {
  const { config, fal, installation } = context;
  const token = attemptToken(installation.secret, { trainingId: training.id, submissionId: intent.submissionId });
  const outcome = await fal.submit(training.endpoint, intent.falInput, {
    webhookUrl: `${intent.webhookUrl}?t=${token}`,
    startTimeoutSeconds: config.fal.startTimeoutSeconds,
  });
  return signalOfSubmit(outcome);
}

/** @returns what the outcome of the POST means for the training */
function signalOfSubmit(outcome: SubmitOutcome): Answer {
  const from = 'submitting';
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'accepted', falRequestId: outcome.falRequestId, gatewayRequestId: outcome.gatewayRequestId };
    case 'refused': {
      const reason = blockedReason(outcome.failure) ?? (isOutage(outcome.failure) ? 'provider-unavailable' : null);
      if (reason) return { kind: 'blocked', reason, from };
      return { kind: 'give_up', error: errorOfFailure(outcome.failure), charged: 'no', from };
    }
    case 'unknown':
      if (!outcome.sent) return { kind: 'blocked', reason: 'provider-unavailable', from };
      return { kind: 'submit_unknown', reason: outcome.reason };
  }
}

// A 500 that says why nothing was queued is fal's trouble and not the training's (fal contract §5.4).
function isOutage({ status }: FalFailure): boolean {
  return status !== null && status >= 500;
}
