import type { Context } from '../context.ts';
import type { StatusOutcome } from '../fal/outcomes.ts';
import { errorOf } from './failures.ts';
import { signalOfStatus } from './fal-signals.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';
import type { Signal } from './signals.ts';

/** Past its deadline, a job without news from fal is polled this many times more. */
const patientPolls = 10;

/**
 * Polls fal about a job. Independent of webhooks: a job ends by polling alone if none arrives.
 * @returns the signal to advance with, or null when nothing was learned
 */
export async function pollJob<Row extends JobRow>(
  { config, fal, log }: Pick<Context, 'config' | 'fal' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<Signal | null> {
  const falRequestId = row.fal_request_id;
  if (falRequestId === null) return null;
  const status = await fal.status(row.endpoint, falRequestId, signal);
  const signalOf = await ofStatus({ fal, log }, kind, row, falRequestId, status, signal);
  if (signalOf && signalOf.kind !== 'in_queue' && signalOf.kind !== 'in_progress') return signalOf;
  // While fal is unreachable, or has completed the job without a result yet, the job may have succeeded.
  const isTold = status.kind === 'in_queue' || status.kind === 'in_progress' || status.kind === 'not_found';
  if (isTold ? row.deadline_at.getTime() <= Date.now() : isOverdue({ config }, kind, row)) {
    return overdue(kind, row);
  }
  return signalOf;
}

/** Whether a job at fal is past its deadline by so much that it fails without an answer. */
export function isOverdue(
  { config }: Pick<Context, 'config'>,
  kind: Pick<JobKind, 'timing'>,
  { status, deadline_at }: JobRow,
): boolean {
  const isAtFal = status === 'in_queue' || status === 'in_progress';
  return isAtFal && deadline_at.getTime() + patientPolls * kind.timing(config).pollMs <= Date.now();
}

async function ofStatus<Row extends JobRow>(
  { fal, log }: Pick<Context, 'fal' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  falRequestId: string,
  status: StatusOutcome,
  signal: AbortSignal,
): Promise<Signal | null> {
  const isOver = status.kind === 'completed' || status.kind === 'failed';
  const result = isOver ? await fal.result(row.endpoint, falRequestId, signal) : null;
  const learned = signalOfStatus(kind, row, falRequestId, status, result);
  if (learned !== null || isOver) return learned;
  const fields = { ...idOf(kind, row.id), fal_request_id: falRequestId, outcome: status.kind };
  const what = status.kind === 'not_found' ? 'fal does not know the request' : 'fal did not tell the status';
  log.warn(fields, `${what}; asked again`);
  return null;
}

export function overdue(
  { failures }: Pick<JobKind, 'failures'>,
  { status: from, fal_request_id: falRequestId }: JobRow,
): Signal {
  return {
    kind: 'give_up',
    error: errorOf(failures, 'deadline-exceeded', null, falRequestId),
    charged: 'unknown',
    from,
  };
}
