import type {
  Artifacts,
  Charged,
  LogLine,
  ResultSource,
  TrainingError,
  TrainingStatus,
} from '../platform/db/schema.ts';
import type { BlockedReason } from './failures.ts';
import type { SignalKind } from './lifecycle.ts';

/**
 * What a signal of each kind carries (lifecycle.ts says what the kinds mean). One with a `submissionId` is about that
 * submission alone: it means nothing once another has taken its place. One with `from` was decided on a look at that
 * status: it means nothing once something else has moved the training on.
 */
export type Signal =
  | { kind: 'prepare' }
  | {
      kind: 'submit';
      submissionId: string;
      /** What the submission is found again by in fal's records; no other bears it. */
      marker: string;
      falInput: Record<string, unknown>;
      webhookUrl: string;
      /** When an answer or, failing that, a look at fal's records is due. */
      settleAt: Date;
    }
  | { kind: 'accepted'; falRequestId: string; gatewayRequestId: string | null; submissionId?: string }
  | { kind: 'blocked'; reason: BlockedReason; from: TrainingStatus; submissionId?: string }
  | { kind: 'submit_unknown'; reason: string; submissionId?: string }
  | { kind: 'not_submitted'; submissionId?: string }
  | { kind: 'needs_attention'; submissionId?: string }
  | { kind: 'in_queue' }
  | { kind: 'in_progress'; logs: LogLine[] }
  | {
      kind: 'success';
      falRequestId: string;
      gatewayRequestId: string | null;
      /** The result as JSON text, every digit kept. */
      raw: string;
      source: ResultSource;
      logs: LogLine[] | null;
    }
  | {
      kind: 'failure';
      falRequestId: string | null;
      error: TrainingError;
      charged: Charged;
      source: ResultSource | null;
      logs: LogLine[] | null;
    }
  | { kind: 'cancelled'; charged: Charged; source: ResultSource | null }
  | { kind: 'artifacts'; artifacts: Artifacts }
  | { kind: 'postscript'; logs: LogLine[] | null; charged: Charged | null }
  | { kind: 'give_up'; error: TrainingError; charged: Charged; from: TrainingStatus; submissionId?: string }
  | { kind: 'cancel' }
  | { kind: 'accept_late' };

/** A signal of one kind. */
export type SignalOf<K extends SignalKind> = Extract<Signal, { kind: K }>;
