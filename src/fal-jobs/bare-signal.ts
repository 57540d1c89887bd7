import type { Context } from '../context.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { savepoint, transact, type Tx } from '../platform/db/transact.ts';
import { type Advance, advanceIn, logAdvance } from './advance.ts';
import { errorOf, type FailureCode } from './failures.ts';
import { artifactUrls } from './fal-signals.ts';
import { trainerNamed } from '../features/trainers/registry.ts';
import type { Signal } from './signals.ts';
import type { Training } from '../features/trainings/store.ts';

/**
 * The signal without the free texts of others: what is left when the database refuses those each time. A success keeps
 * the addresses of its files, so that what was paid for is fetched.
 */
export function bareSignal(training: Training, signal: Signal): Signal {
  switch (signal.kind) {
    case 'in_progress':
      return { ...signal, logs: training.logs };
    case 'success':
      return { ...signal, raw: addressesOf(training, signal.raw), gatewayRequestId: null, logs: null };
    case 'accepted':
      return { ...signal, gatewayRequestId: null };
    case 'failure':
    case 'give_up': {
      const { code, provider_request_id: id } = signal.error;
      const error = errorOf(code as FailureCode, null, id);
      return signal.kind === 'failure' ? { ...signal, error, logs: null } : { ...signal, error };
    }
    case 'postscript':
      return { ...signal, logs: null };
    default:
      return signal;
  }
}

function addressesOf({ trainer }: Training, raw: string): string {
  const urls = artifactUrls(trainer, JSON.parse(raw));
  const { outputs } = trainerNamed(trainer);
  return JSON.stringify(urls && { [outputs.lora]: { url: urls.lora }, [outputs.config]: { url: urls.config } });
}

/**
 * Advances a training by what fal says of it, whatever that holds: what the database refuses each time is left out, and
 * if that is not enough the training ends, as charged as is known.
 * @returns as {@link advanceIn}, in a unit of work of its own
 */
export async function advanceByAnswer(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  training: Training,
  signal: Signal,
): Promise<Advance | undefined> {
  const advance = await transact(context, (tx) => advanceByAnswerIn(tx, context, training, signal));
  if (advance?.changed) logAdvance(context, advance, signal);
  return advance;
}

/** Advances as {@link advanceByAnswer} does, within the caller's unit of work. */
export async function advanceByAnswerIn(
  tx: Tx,
  context: Pick<Context, 'config' | 'jobs' | 'log'>,
  training: Training,
  signal: Signal,
): Promise<Advance | undefined> {
  const attempts = [() => signal, () => bareSignal(training, signal), () => unusable(training, signal)];
  for (const [index, attempt] of attempts.entries()) {
    try {
      return await savepoint(tx, (part) => advanceIn(part, context, training.id, attempt()));
    } catch (error) {
      if (!isDeterministic(error) || index === attempts.length - 1) throw error;
      context.log.error({ err: error, training_id: training.id }, 'what fal says can not be stored as it is');
    }
  }
  return undefined;
}

function unusable(training: Training, signal: Signal): Signal {
  const charged = 'charged' in signal && signal.charged !== null ? signal.charged : 'unknown';
  const error = errorOf('answer-unusable', null, training.fal_request_id);
  return { kind: 'give_up', error, charged: signal.kind === 'success' ? 'yes' : charged, from: training.status };
}
