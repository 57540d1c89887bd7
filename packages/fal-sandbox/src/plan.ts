import type { Job, LogLine, Outcome, Plan } from './job.ts';
import { modelOf } from './models/index.ts';
import { type ErrorDetail, infrastructureOutcome, modelErrorOutcome } from './outcomes.ts';

const lateSeconds = 7200;

/** A run that ends after some seconds without a result. */
export function ended(seconds: number, messages: readonly string[], outcome: Outcome): Plan {
  const level = outcome.error === null ? 'STDOUT' : 'ERROR';
  const said = messages.map((message): LogLine => ({ at: 0, message, level: 'STDOUT' }));
  const last: LogLine = { at: seconds, message: outcome.error ?? 'Done', level };
  return { lines: () => [...said, last], seconds, outcome: () => outcome };
}

/** A run by steps, without a fault. */
export interface Steps {
  steps: number;
  /** Steps a second. */
  rate: number;
  /** Log lines before the first step, which begins with the last of them. */
  before: readonly LogLine[];
  progress: (offset: number) => LogLine[];
  /** Seconds and log line after the last step. */
  closing: { seconds: number; message: string };
  outcome: () => Outcome;
}

/** Plans a run by steps, up to the fault of its job. */
export function steppedPlan(job: Job, run: Steps): Plan {
  const fault = job.faults.job;
  const offset = run.before.at(-1)?.at ?? 0;
  const reached = fault?.step === undefined ? run.steps : Math.min(fault.step, run.steps);
  const stops = offset + reached / run.rate;
  const lines = (): LogLine[] => [...run.before, ...run.progress(offset).filter(({ at }) => at <= stops)];
  if (fault?.fault === 'stuck_in_progress') {
    return { lines, seconds: null, outcome: () => modelErrorOutcome(500, 'stuck') };
  }
  const failure = faultOutcome(job);
  if (failure) {
    const last: LogLine = { at: stops, message: failure.error ?? 'Failed', level: 'ERROR' };
    return { lines: () => [...lines(), last], seconds: stops, outcome: () => failure };
  }
  const waits = fault?.fault === 'late' ? (fault.seconds ?? lateSeconds) : 0;
  const last: LogLine = { at: stops + run.closing.seconds + waits, message: run.closing.message, level: 'STDOUT' };
  return { lines: () => [...lines(), last], seconds: last.at, outcome: run.outcome };
}

/** The failure of a job whose fault names no step; else null. */
export function faultAtStart(job: Job): Outcome | null {
  return job.faults.job?.step === undefined ? faultOutcome(job) : null;
}

function faultOutcome(job: Job): Outcome | null {
  const rule = job.faults.job;
  if (rule?.fault === 'infrastructure_error') {
    const text = typeof rule.detail === 'string' ? rule.detail : 'Runner could not finish the request';
    return infrastructureOutcome(rule.error_type ?? 'runner_server_error', text, rule.status);
  }
  return rule?.fault === 'fail'
    ? modelErrorOutcome(rule.status ?? 422, chosenDetail(job, rule.detail, rule.error_type))
    : null;
}

function chosenDetail(job: Job, detail: unknown, errorType?: string): ErrorDetail[] | string {
  if (typeof detail === 'string') return detail;
  // The fault's author decides on the form of `detail`.
  if (Array.isArray(detail)) return detail;
  const ofImages = modelOf(job.app) !== null;
  const type = errorType ?? (ofImages ? 'content_policy_violation' : 'face_detection_error');
  const named = ofImages ? (type === 'file_download_error' ? ['loras', 0, 'path'] : ['prompt']) : ['images_data_url'];
  const categories = type === 'content_policy_violation' && { categories: ['sexual'] };
  return [{ loc: ['body', ...named], msg: `Sandbox fault: ${type}`, type, ...categories }];
}
