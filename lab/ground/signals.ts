import { stateOf } from '../../src/fal-jobs/advance.ts';
import { trainingChanges } from '../../src/features/trainings/changes.ts';
import { changesOf } from '../../src/fal-jobs/changes.ts';
import { type SignalKind, transition } from '../../src/fal-jobs/lifecycle.ts';
import type { Signal } from '../../src/fal-jobs/signals.ts';
import { trainingKind } from '../../src/features/trainings/kind.ts';
import type { Artifacts } from '../../src/platform/db/schema.ts';
import { anError, someArtifacts, type Training } from './training.ts';

/** The settings of a training's timing, all different. */
const settings = {
  training: {
    pollFirstMs: 15_000,
    pollMs: 60_000,
    checkIntervalMs: 1000,
    maxRunning: 20,
    maxRunningPerUser: 3,
    blockedRetryMs: 61_000,
    blockedMaxMs: 86_400_000,
    deadlineMs: null,
    unresolvedMaxMs: 604_800_000,
    artifactGoneMs: 3_600_000,
  },
  fal: {
    mode: 'sandbox',
    key: 'a:b',
    baseUrl: null,
    userId: null,
    timeoutMs: 30_000,
    startTimeoutSeconds: 3600,
    archiveExpirySeconds: 604_800,
    trainingOutputExpirySeconds: 604_800,
    imageExpirySeconds: 86_400,
    concurrency: null,
    maxLoraBytes: 1,
    maxImageBytes: 1,
  },
  generation: {
    pollFirstMs: 4000,
    pollMs: 10_000,
    startTimeoutSeconds: 900,
    maxRunning: 8,
    maxRunningPerUser: 2,
    blockedMaxMs: 1_800_000,
    deadlineMs: 600_000,
    unresolvedMaxMs: 900_000,
  },
} as const;
export const timing = trainingKind.timing(settings);
export const longestRunMs = 7_200_000;

/** A signal of each kind as it would come about the training as it stands. */
export function signalOf(kind: SignalKind, training: Training): Signal<Artifacts> {
  const { id, submissions, status: from } = training;
  const falRequestId = `request of ${id}`;
  switch (kind) {
    case 'submit':
      return {
        kind,
        submissionId: `submission ${submissions + 1} of ${id}`,
        marker: 'https://v3.fal.media/files/archive.zip',
        falInput: { ...training.settings },
        webhookUrl: 'https://likeness.example/webhooks/fal',
        outputExpiresAt: new Date(2000),
        settleAt: new Date(1000),
      };
    case 'accepted':
      return { kind, falRequestId, gatewayRequestId: null };
    case 'blocked':
      return { kind, reason: 'provider-locked', from };
    case 'submit_unknown':
      return { kind, reason: 'No answer came.' };
    case 'in_progress':
      return { kind, logs: [line(12, 100)] };
    case 'success':
      return { kind, falRequestId, gatewayRequestId: falRequestId, raw: '{}', source: 'webhook', logs: null };
    case 'failure':
      return { kind, falRequestId, error: anError, charged: 'unknown', source: 'webhook', logs: null };
    case 'cancelled':
      return { kind, charged: 'no', source: 'poll' };
    case 'artifacts':
      return { kind, artifacts: someArtifacts(id) };
    case 'postscript':
      return { kind, logs: [line(12, 100), line(100, 100)], charged: 'no' };
    case 'give_up':
      return { kind, error: anError, charged: 'unknown', from };
    case 'prepare':
    case 'not_submitted':
    case 'needs_attention':
    case 'in_queue':
    case 'cancel':
    case 'accept_late':
      return { kind };
  }
}

export function line(step: number, steps: number) {
  return {
    message: ` 12%|█▏        | ${step}/${steps} [00:12<01:28,  1.00it/s, loss=0.4]`,
    timestamp: null,
    level: null,
  };
}

/** @returns the row as a signal leaves it, without a database; SQL is read as what it says */
export function advanced(training: Training, signal: Signal<Artifacts>, now: Date): Training {
  const step = transition(stateOf(training), signal.kind);
  if (step === 'unchanged') return training;
  const changes = {
    ...changesOf(training, step, signal, now, timing, longestRunMs),
    ...trainingChanges(training, step.to.status, signal),
  };
  const late = signal.kind === 'accept_late' ? { result: training.late_result } : {};
  const plain = Object.entries({ ...changes, ...late }).map(([name, value]) => [name, isSql(value) ? {} : value]);
  return { ...training, ...Object.fromEntries(plain) };
}

function isSql(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'queryChunks' in value;
}
