import type { FaultRule } from './faults.ts';
import type { Json, JsonObject } from './json.ts';

/** A log line; `at` in seconds after the start of the run. */
export interface LogLine {
  at: number;
  message: string;
  level: 'STDERR' | 'STDOUT' | 'ERROR' | 'INFO';
}

/** The result's response, and its summary for status and webhook. */
export interface Outcome {
  status: number;
  body: Json;
  headers: Record<string, string>;
  error: string | null;
  error_type: string | null;
}

/** A run planned in advance: its log, duration in seconds (null: never ends) and outcome. */
export interface Plan {
  lines: () => LogLine[];
  seconds: number | null;
  outcome: () => Outcome;
}

/** The inputs from which the artifacts of a successful run are generated. */
export interface Trained {
  jobId: string;
  endpoint: string;
  values: JsonObject;
  steps: number;
  seed: string;
  images: number;
  /** Sandbox time in ms at which its files end; null for never. */
  expiresAt: number | null;
}

/** All that decides the bytes of one image; the same picture gives the same bytes. */
export interface Picture {
  look: 'face' | 'black' | 'no-image';
  format: 'jpeg' | 'png';
  width: number;
  height: number;
  prompt: string;
  /** Decimal digits, since it may be a uint64. */
  seed: string;
  index: number;
  steps: number;
  guidance: number;
  loras: readonly PictureLora[];
}

export interface PictureLora {
  sha256: string;
  scale: number;
  /** Whether the sandbox made it. */
  own: boolean;
  /** The phrase that its training taught it, where it says so. */
  trigger: string | null;
}

/** Images that a run has made, by what they can be drawn again. */
export interface Generated {
  jobId: string;
  pictures: readonly Picture[];
  /** Sandbox time in ms at which its files end; null for never. */
  expiresAt: number | null;
}

export interface Submission {
  endpoint: string;
  /** `raw` is the body as received, `input` its parsed form. */
  raw: string;
  input: JsonObject;
  webhookUrl: string | null;
  priority: 'normal' | 'low';
  /** Seconds the job may wait for its start; null for no limit. */
  startTimeout: number | null;
  storeIo: boolean;
  headers: Record<string, string>;
}

export interface Job extends Submission {
  id: string;
  gatewayId: string;
  order: number;
  /** `owner/app`, and the path below it, or ''. */
  app: string;
  path: string;
  state: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'VANISHED';
  cancelRequested: boolean;
  /** Sandbox and machine times in ms; null until then. */
  sentAt: Moment;
  startedAt: Moment | null;
  endedAt: Moment | null;
  /** When the plan began. */
  runsSince: Moment | null;
  plan: Plan | null;
  outcome: Outcome | null;
  faults: { job: FaultRule | null; webhook: readonly FaultRule[] };
}

/** One moment by both clocks, in ms since 1970. */
export interface Moment {
  sandbox: number;
  wall: number;
}

/**
 * Splits `fal-ai/flux-2-trainer/edit` into the app `fal-ai/flux-2-trainer` and the path `/edit`; ids under workflows/
 * and comfy/ keep a third segment (fal contract §1.1). Null for an id without a slash.
 */
export function splitEndpoint(endpoint: string): { app: string; path: string } | null {
  const segments = endpoint.split('/');
  const kept = segments[0] === 'workflows' || segments[0] === 'comfy' ? 3 : 2;
  if (segments.length < kept || segments.some((segment) => segment === '')) return null;
  const path = segments.slice(kept).join('/');
  return { app: segments.slice(0, kept).join('/'), path: path && `/${path}` };
}

/** Sandbox seconds, to the millisecond; null while either moment is null. */
export function secondsBetween(from: Moment | null, to: Moment | null): number | null {
  return from && to && Math.round(to.sandbox - from.sandbox) / 1000;
}

/** The log up to now, with the times to report. */
export function logSoFar(job: Job, now: number, speed: number): (LogLine & { wall: number; sandbox: number })[] {
  const since = job.runsSince;
  if (!job.plan || !since) return [];
  // One millisecond more, so that rounding does not lose the last lines.
  const elapsed = ((job.endedAt?.sandbox ?? now) - since.sandbox + 1) / 1000;
  const latest = job.endedAt?.wall ?? Date.now();
  return job.plan
    .lines()
    .filter((line) => line.at <= elapsed)
    .map((line) => ({
      ...line,
      sandbox: since.sandbox + line.at * 1000,
      wall: Math.min(since.wall + (line.at * 1000) / (speed || 1), latest),
    }));
}
