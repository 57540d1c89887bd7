import type { Context } from '../context.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { savepoint, transact, type Tx } from '../platform/db/transact.ts';
import { type Advance, advanceIn, logAdvance } from './advance.ts';
import { idOf, type JobKind, type JobRow } from './kind.ts';
import { errorOf } from './failures.ts';
import type { Signal } from './signals.ts';

/**
 * A signal without texts of others, for when the database refuses those. A success keeps the URLs of its files, so that
 * the paid result is downloaded.
 */
export function bareSignal<Row extends JobRow>(kind: JobKind<Row>, row: Row, signal: Signal): Signal {
  switch (signal.kind) {
    case 'in_progress':
      return { ...signal, logs: [] };
    case 'success':
      return { ...signal, raw: kind.bareResult(row, signal.raw), gatewayRequestId: null, logs: null };
    case 'accepted':
      return { ...signal, gatewayRequestId: null };
    case 'failure':
    case 'give_up': {
      const { code, provider_request_id: id } = signal.error;
      const error = errorOf(kind.failures, code, null, id);
      return signal.kind === 'failure' ? { ...signal, error, logs: null } : { ...signal, error };
    }
    case 'postscript':
      return { ...signal, logs: null };
    default:
      return signal;
  }
}

/**
 * Advances a job by an answer of fal's, whatever it contains: texts that the database refuses are left out, and if that
 * does not help the job fails, with what is known of its charge.
 * @returns as {@link advanceIn}, in its own unit of work
 */
export async function advanceByAnswer<Row extends JobRow>(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  kind: JobKind<Row>,
  row: Row,
  signal: Signal,
): Promise<Advance<Row> | undefined> {
  const advance = await transact(context, (tx) => advanceByAnswerIn(tx, context, kind, row, signal));
  if (advance?.changed) logAdvance(context, kind, advance, signal);
  return advance;
}

/** Advances as {@link advanceByAnswer} does, in the caller's unit of work. */
export async function advanceByAnswerIn<Row extends JobRow>(
  tx: Tx,
  context: Pick<Context, 'config' | 'jobs' | 'log'>,
  kind: JobKind<Row>,
  row: Row,
  signal: Signal,
): Promise<Advance<Row> | undefined> {
  const attempts = [() => signal, () => bareSignal(kind, row, signal), () => unusable(kind, row, signal)];
  for (const [index, attempt] of attempts.entries()) {
    try {
      const steps = [{ id: row.id, signal: attempt() }];
      return (await savepoint(tx, (part) => advanceIn(part, context, kind, steps)))[0];
    } catch (error) {
      if (!isDeterministic(error) || index === attempts.length - 1) throw error;
      context.log.error({ err: error, ...idOf(kind, row.id) }, 'the answer of fal cannot be stored unchanged');
    }
  }
  return undefined;
}

function unusable({ failures }: Pick<JobKind, 'failures'>, row: JobRow, signal: Signal): Signal {
  const charged = 'charged' in signal && signal.charged !== null ? signal.charged : 'unknown';
  const error = errorOf(failures, 'answer-unusable', null, row.fal_request_id);
  return { kind: 'give_up', error, charged: signal.kind === 'success' ? 'yes' : charged, from: row.status };
}
