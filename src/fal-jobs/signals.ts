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
 * What a signal of each kind carries (lifecycle.ts defines the kinds). With a `submissionId` it applies to that
 * submission only. With `from` it applies only while the job still has that status.
 */
export type Signal =
  | { kind: 'prepare' }
  | {
      kind: 'submit';
      submissionId: string;
      /** Unique to the submission, and searchable in fal's records. */
      marker: string;
      falInput: Record<string, unknown>;
      webhookUrl: string;
      /** When an answer is due, or else a search of fal's records. */
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
      /** The result as JSON text with every digit. */
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

export type SignalOf<K extends SignalKind> = Extract<Signal, { kind: K }>;
