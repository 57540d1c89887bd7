import type { Config } from '../config.ts';
import type { Tx } from '../platform/db/transact.ts';
import { topics } from '../topics.ts';
import type { Avatar, JobKind, JobRow } from './kind.ts';
import { first } from './lifecycle.ts';

/** The columns that the machine fills in a new row; inserts rely on no default. */
export type FirstColumns = ReturnType<typeof firstColumns>;

/**
 * The only way by which a paid job is created: row in the first state of the state machine, projection and event in the
 * caller's unit of work; the dispatcher is woken after it.
 * @param insert writes the row with the columns of its kind
 * @param requestId of the API request that caused it
 */
export async function createJob<Row extends JobRow>(
  tx: Tx,
  { config }: { config: Pick<Config, 'training' | 'generation' | 'fal'> },
  kind: JobKind<Row>,
  {
    avatar,
    insert,
    requestId,
  }: { avatar: Avatar; insert(columns: FirstColumns): Promise<Row>; requestId?: string | undefined },
): Promise<Row> {
  const now = new Date();
  const row = await insert(firstColumns(now, kind.timing(config).blockedMaxMs));
  await kind.after(tx, row, avatar, now, null);
  if (first.event !== null) await kind.publish(tx, first.event, { before: null, row, signal: null, requestId });
  tx.wake(topics.dispatch);
  return row;
}

/** @returns the columns of a job that has just been asked for, which waits for at most `maxWaitMs` milliseconds */
export function firstColumns(now: Date, maxWaitMs: number) {
  const deadline = new Date(now.getTime() + maxWaitMs);
  return {
    ...nothingYet,
    status: first.to.status,
    created_at: now,
    updated_at: now,
    next_check_at: deadline,
    deadline_at: deadline,
  };
}

const nothingYet = {
  submission_id: null,
  submissions: 0,
  fal_input: null,
  webhook_url: null,
  fal_request_id: null,
  gateway_request_id: null,
  error: null,
  charged: null,
  result: null,
  result_source: null,
  late_result: null,
  late_artifacts: null,
  blocked_reason: null,
  blocked_at: null,
  submit_unknown_at: null,
  needs_attention_at: null,
  cancel_requested_at: null,
  submitted_at: null,
  accepted_at: null,
  started_at: null,
  ended_at: null,
  last_status_check: null,
  checks: 0,
} satisfies Partial<JobRow>;
