import { createHash } from 'node:crypto';
import { type ArchiveReport, inspectArchive, invalidArchive } from './archive.ts';
import { fetchArchive } from './archive-source.ts';
import { publishArtifacts } from './artifacts.ts';
import type { Context } from './context.ts';
import type { Job, LogLine, Outcome, Plan } from './job.ts';
import { compactJson, type JsonObject, stringOf } from './json.ts';
import { infrastructureOutcome, modelErrorOutcome, Refusal, successOutcome } from './outcomes.ts';
import { readInput } from './trainers/fields.ts';
import { trainerOf } from './trainers/index.ts';
import type { Trainer } from './trainers/trainer.ts';
import { trainingLines } from './training-log.ts';

const dataField = 'images_data_url';

/**
 * Thinks out a run: reads the input, opens the archive, and gives log, length and end. A bad input or archive ends in
 * the error that fal's trainer would give, found here and not at submit (fal contract §0.5).
 */
export async function planRun(context: Context, job: Job): Promise<Plan> {
  const trainer = trainerOf(job.app);
  if (!trainer || job.path) return ended(0.2, [], modelErrorOutcome(404, `Path ${job.path || '/'} not found`));
  const { values, errors } = readInput(trainer.fields, job.input);
  const spoilt = faultBeforeTraining(job);
  if (spoilt) return ended(1, ['Starting'], spoilt);
  if (errors.length > 0) return ended(0.5, [], modelErrorOutcome(422, errors));
  try {
    const report = await openArchive(context, trainer, values);
    return trainingPlan(context, job, trainer, values, report);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return ended(2, ['Downloading the archive', error.message], modelErrorOutcome(422, error.details));
  }
}

async function openArchive(context: Context, trainer: Trainer, values: JsonObject): Promise<ArchiveReport> {
  const address = stringOf(values, dataField) ?? '';
  if (stringOf(values, 'data_archive_format') === null) checkExtension(address);
  const archive = await fetchArchive(context, dataField, address);
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

/** The format is read from the address unless data_archive_format names it (fal contract §3.1); only zip is played. */
function checkExtension(address: string): void {
  if (!URL.canParse(address) || /\.zip$/i.test(new URL(address).pathname)) return;
  throw invalidArchive(dataField);
}

function ended(seconds: number, messages: readonly string[], outcome: Outcome): Plan {
  const level = outcome.error === null ? 'STDOUT' : 'ERROR';
  const said = messages.map((message): LogLine => ({ at: 0, message, level: 'STDOUT' }));
  const last: LogLine = { at: seconds, message: outcome.error ?? 'Done', level };
  return { lines: () => [...said, last], seconds, outcome: () => outcome };
}

function trainingPlan(context: Context, job: Job, trainer: Trainer, values: JsonObject, report: ArchiveReport): Plan {
  const steps = typeof values.steps === 'number' ? values.steps : trainer.defaultSteps;
  const rate = trainer.rate * context.settings.training_rate;
  const seed = fingerprintOf(trainer, values, report);
  const fault = job.faults.job;
  const reached = fault?.step === undefined ? steps : Math.min(fault.step, steps);
  const before = linesBefore(trainer, values, report);
  const offset = before.at(-1)?.at ?? 0;
  const trained = offset + reached / rate;
  const lines = (): LogLine[] => [
    ...before,
    ...trainingLines({ steps, rate, offset, seed }).filter(({ at }) => at <= trained),
  ];
  if (fault?.fault === 'stuck_in_progress')
    return { lines, seconds: null, outcome: () => modelErrorOutcome(500, 'stuck') };
  const failure = fault && faultOutcome(job);
  if (failure) {
    const last: LogLine = { at: trained, message: failure.error ?? 'Failed', level: 'ERROR' };
    return { lines: () => [...lines(), last], seconds: trained, outcome: () => failure };
  }
  const saved: LogLine = { at: trained + 3, message: 'Saved the LoRA weights', level: 'STDOUT' };
  return {
    lines: () => [...lines(), saved],
    seconds: saved.at,
    outcome: () => {
      const trained = { jobId: job.id, endpoint: job.app, values, steps, seed, images: report.images.length };
      context.journal.note({ kind: 'trained', trained });
      return successOutcome(publishArtifacts(context, trained), steps);
    },
  };
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

/** The same photos and settings give the same LoRA, wherever the archive lies. */
function fingerprintOf(trainer: Trainer, values: JsonObject, report: ArchiveReport): string {
  const settings = compactJson({ ...values, [dataField]: null });
  return createHash('sha256').update([trainer.endpoint, settings, report.fingerprint].join('\n')).digest('hex');
}

function faultBeforeTraining(job: Job): Outcome | null {
  return job.faults.job?.step === undefined ? faultOutcome(job) : null;
}

function faultOutcome(job: Job): Outcome | null {
  const rule = job.faults.job;
  if (rule?.fault === 'infrastructure_error') {
    const text = typeof rule.detail === 'string' ? rule.detail : 'Runner could not finish the request';
    return infrastructureOutcome(rule.error_type ?? 'runner_server_error', text, rule.status);
  }
  return rule?.fault === 'fail'
    ? modelErrorOutcome(rule.status ?? 422, chosenDetail(rule.detail, rule.error_type))
    : null;
}

function chosenDetail(detail: unknown, type = 'face_detection_error') {
  if (typeof detail === 'string') return detail;
  // Who sets the fault decides on the shape of its detail; it is handed on as it came.
  if (Array.isArray(detail)) return detail;
  return [{ loc: ['body', dataField], msg: `Sandbox fault: ${type}`, type }];
}
