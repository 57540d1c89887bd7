import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  type Charged,
  type FalPriority,
  generations,
  type JobError,
  type JobStatus,
  type ResultSource,
  trainings,
} from '../platform/db/schema.ts';
import type { KindName } from './follow-ups.ts';

/** The columns of a paid job, which the table of each kind has beside its own. */
export type JobRow = {
  id: string;
  user_id: string | null;
  avatar_id: string | null;
  endpoint: string;
  status: JobStatus;
  fal_priority: FalPriority;
  sandbox: boolean;
  submission_id: string | null;
  submissions: number;
  fal_input: Record<string, unknown> | null;
  webhook_url: string | null;
  fal_request_id: string | null;
  gateway_request_id: string | null;
  error: JobError | null;
  charged: Charged | null;
  result: unknown;
  result_source: ResultSource | null;
  late_result: unknown;
  /** What was stored of the late result, in the form of its kind. */
  late_artifacts: unknown;
  blocked_reason: string | null;
  blocked_at: Date | null;
  submit_unknown_at: Date | null;
  needs_attention_at: Date | null;
  cancel_requested_at: Date | null;
  created_at: Date;
  updated_at: Date;
  submitted_at: Date | null;
  accepted_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  last_status_check: Date | null;
  next_check_at: Date | null;
  deadline_at: Date;
  checks: number;
  traceparent: string | null;
};

export type JobTable = PgTable & { [Column in keyof JobRow]: PgColumn };

/** The tables of all kinds. */
export const jobTables: Readonly<Record<KindName, JobTable>> = { training: trainings, generation: generations };
