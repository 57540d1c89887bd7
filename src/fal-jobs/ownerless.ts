import { errorOf } from './failures.ts';
import { isTerminal } from './lifecycle.ts';
import type { Signal } from './signals.ts';
import type { JobKind, JobRow } from './kind.ts';

/**
 * Reduces a signal for a job whose avatar was deleted: the record of payment is kept up, personal data is dropped.
 * @returns null when nothing remains
 */
export function ownerless(
  { failures }: Pick<JobKind, 'failures'>,
  { status, fal_request_id }: JobRow,
  signal: Signal,
): Signal | null {
  switch (signal.kind) {
    case 'success':
      return isTerminal(status) ? { kind: 'postscript', logs: null, charged: 'yes' } : signal;
    case 'postscript':
      return { ...signal, logs: null };
    case 'artifacts': {
      if (isTerminal(status)) return null;
      const error = errorOf(
        failures,
        failures.product.unavailable,
        { reason: 'The avatar was deleted.' },
        fal_request_id,
      );
      return { kind: 'give_up', error, charged: 'yes', from: status };
    }
    case 'accept_late':
      return null;
    default:
      return signal;
  }
}
