import type { Charged, JobError, JobStatus, LogLine, ResultSource } from '../platform/db/schema.ts';
import type { BlockedReason } from './failures.ts';
import type { SignalKind } from './lifecycle.ts';

/**
 * What a signal of each kind carries (lifecycle.ts defines the kinds). With a `submissionId` it applies to that
 * submission only. With `from` it applies only while the job still has that status. `Stored` is what a kind keeps of a
 * result.
 */
export type Signal<Stored = unknown> =
  | { kind: 'prepare' }
  | {
      kind: 'submit';
      submissionId: string;
      marker: string | null;
      falInput: Record<string, unknown>;
      webhookUrl: string;
      /** Until when fal keeps the files of a result at least. */
      outputExpiresAt: Date;
      /** When an answer is due, or else a search of fal's records. */
      settleAt: Date;
    }
  | { kind: 'accepted'; falRequestId: string; gatewayRequestId: string | null; submissionId?: string }
  | { kind: 'blocked'; reason: BlockedReason; from: JobStatus; submissionId?: string }
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
      billedUnits?: number | undefined;
    }
  | {
      kind: 'failure';
      falRequestId: string | null;
      error: JobError;
      charged: Charged;
      source: ResultSource | null;
      logs: LogLine[] | null;
      billedUnits?: number | undefined;
    }
  | { kind: 'cancelled'; charged: Charged; source: ResultSource | null }
  | { kind: 'artifacts'; artifacts: Stored }
  | { kind: 'postscript'; logs: LogLine[] | null; charged: Charged | null; billedUnits?: number | undefined }
  | { kind: 'give_up'; error: JobError; charged: Charged; from: JobStatus; submissionId?: string }
  | { kind: 'cancel' }
  | { kind: 'accept_late' };

export type SignalOf<K extends SignalKind> = Extract<Signal, { kind: K }>;
