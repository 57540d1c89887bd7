import { createHash } from 'node:crypto';
import { type ArchiveReport, inspectArchive, invalidArchive } from './archive.ts';
import { publishArtifacts } from './artifacts.ts';
import type { Context } from './context.ts';
import { type FetchedFile, fetchFile, NotFetched } from './fetched-file.ts';
import type { Job, LogLine, Plan, Trained } from './job.ts';
import { compactJson, type JsonObject, stringOf } from './json.ts';
import { expiryOf } from './lifetime.ts';
import { successOutcome } from './outcomes.ts';
import { steppedPlan } from './plan.ts';
import { trainingLines } from './progress-log.ts';
import type { Trainer } from './trainers/trainer.ts';

const dataField = 'images_data_url';

/** Plans the run of a trainer. @throws Refusal for an archive that fal refuses */
export async function planTraining(context: Context, job: Job, trainer: Trainer, values: JsonObject): Promise<Plan> {
  const report = await openArchive(context, trainer, values);
  const steps = typeof values.steps === 'number' ? values.steps : trainer.defaultSteps;
  const rate = trainer.rate * context.settings.training_rate;
  const seed = fingerprintOf(trainer, values, report);
  return steppedPlan(job, {
    steps,
    rate,
    before: linesBefore(trainer, values, report),
    progress: (offset) => trainingLines({ steps, rate, offset, seed }),
    closing: { seconds: 3, message: 'Saved the LoRA weights' },
    outcome: () => {
      const made = { jobId: job.id, endpoint: job.app, values, steps, seed, images: report.images.length };
      const trained: Trained = { ...made, expiresAt: expiryOf(job.headers, context.clock.now()) };
      context.journal.note({ kind: 'trained', trained });
      return successOutcome(publishArtifacts(context, trained), steps);
    },
  });
}

async function openArchive(context: Context, trainer: Trainer, values: JsonObject): Promise<ArchiveReport> {
  const address = stringOf(values, dataField) ?? '';
  if (stringOf(values, 'data_archive_format') === null) checkExtension(address);
  const archive = await fetchArchive(context, address);
  try {
    return await inspectArchive(archive.path, {
      field: dataField,
      minimumImages: trainer.minimumImages,
      takesMasks: trainer.takesMasks,
      minimumSide: context.settings.minimum_side,
      decode: context.settings.decode_images,
    });
  } finally {
    await archive.release();
  }
}

/** The format follows from the address unless data_archive_format is set (fal contract §3.1); only zip is supported. */
function checkExtension(address: string): void {
  if (!URL.canParse(address) || /\.zip$/i.test(new URL(address).pathname)) return;
  throw invalidArchive(dataField);
}

async function fetchArchive(context: Context, address: string): Promise<FetchedFile> {
  try {
    return await fetchFile(context, address);
  } catch (error) {
    throw error instanceof NotFetched ? error.refusal(['body', dataField], address) : error;
  }
}

function linesBefore(trainer: Trainer, values: JsonObject, report: ArchiveReport): LogLine[] {
  let at = 1;
  const { images, captions } = report;
  const lines: LogLine[] = [
    {
      at,
      message: `Downloaded and opened the archive: ${images.length} images, ${captions} captions`,
      level: 'STDOUT',
    },
  ];
  for (const stage of trainer.stages(values, images.length)) {
    lines.push({ at, message: stage.message, level: 'STDOUT' });
    at += stage.seconds;
  }
  lines.push({ at: at + 2, message: 'Loaded FLUX.1 [dev], starting the training', level: 'STDOUT' });
  return lines;
}

/** Equal photos and settings give an equal LoRA, wherever the archive is. */
function fingerprintOf(trainer: Trainer, values: JsonObject, report: ArchiveReport): string {
  const settings = compactJson({ ...values, [dataField]: null });
  return createHash('sha256').update([trainer.endpoint, settings, report.fingerprint].join('\n')).digest('hex');
}
