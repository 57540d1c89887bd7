import type { paths } from './api.ts';
import type { Client } from './client.ts';
import { followEvents } from './events.ts';
import { isPassing } from './retry.ts';
import type { Training } from './types.ts';
import { wait } from './wait.ts';

type Request = NonNullable<paths['/v1/avatars/{id}/trainings']['post']['requestBody']>['content']['application/json'];

export type WriteOptions = {
  signal?: AbortSignal;
  /**
   * Identifies what you want done, such as a message id: within 24 hours a request with this key has no second effect,
   * even from another process. Default: a random key.
   */
  idempotencyKey?: string;
};

/**
 * Starts a training, once, whatever the number of retries.
 * @param settings omitted ones have the trainer's default
 * @returns the accepted training; {@link waitForTraining} follows it
 */
export async function startTraining(
  client: Client,
  avatarId: string,
  settings: Omit<Request, 'dry_run'> = {},
  { signal, idempotencyKey }: WriteOptions = {},
): Promise<Training> {
  const { data } = await client.POST('/v1/avatars/{id}/trainings', {
    params: { path: { id: avatarId }, ...headersOf(idempotencyKey) },
    body: { ...settings, dry_run: false },
    ...(signal && { signal }),
  });
  if ('dry_run' in data) throw new Error('A training was asked for, and a plan came.');
  return data;
}

export function headersOf(idempotencyKey: string | undefined): { header?: { 'idempotency-key': string } } {
  return idempotencyKey === undefined ? {} : { header: { 'idempotency-key': idempotencyKey } };
}

export type WaitOptions = {
  signal?: AbortSignal;
  /** Milliseconds to wait; the training itself continues. Default: no limit, since every training ends. */
  timeoutMs?: number;
  /** Called with the training at first and after each change. */
  onProgress?: (training: Training) => void;
  /** Milliseconds between polls without events: default 15,000. */
  pollMs?: number;
};

/**
 * Waits until a training ends. Events give immediate updates; polls, at first, when the stream opens and at intervals,
 * find an end that was missed, also for clients without access to events.
 * @returns the training: `succeeded`, `failed` or `cancelled`
 * @throws a DOMException named TimeoutError after `timeoutMs`; the signal's reason when it aborts; ProblemError for an
 * unknown training
 */
export async function waitForTraining(
  client: Client,
  id: string,
  { signal, timeoutMs, onProgress, pollMs = 15_000 }: WaitOptions = {},
): Promise<Training> {
  const over = new AbortController();
  const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => over.abort(tooLong(id, timeoutMs)), timeoutMs);
  let nap = new AbortController();
  let seen: Training | undefined;
  let watching: Promise<void> | undefined;
  try {
    for (;;) {
      nap = new AbortController();
      const training = await read(client, id, end, seen);
      if (training.updated_at !== seen?.updated_at) onProgress?.(training);
      if (hasEnded(training)) return training;
      seen = training;
      watching ??= watch(client, id, end, () => nap.abort());
      await wait(pollMs, AbortSignal.any([end, nap.signal])).catch(() => end.throwIfAborted());
    }
  } finally {
    clearTimeout(timer);
    over.abort();
    await watching;
  }
}

function hasEnded({ status }: Training): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** The last known state is kept while the service is unreachable; the first read must succeed. */
async function read(client: Client, id: string, signal: AbortSignal, known: Training | undefined): Promise<Training> {
  try {
    const { data } = await client.GET('/v1/trainings/{id}', { params: { path: { id } }, signal });
    return data;
  } catch (error) {
    if (known && isPassing(error)) return known;
    throw error;
  }
}

// Without a stream, for lack of scope or connection, polling suffices.
async function watch(client: Client, id: string, signal: AbortSignal, tell: () => void): Promise<void> {
  try {
    const events = followEvents(client, { training_id: id }, { signal, onOpen: tell });
    for (;;) {
      await events.next();
      tell();
    }
  } catch {
    return;
  }
}

function tooLong(id: string, ms: number): DOMException {
  return new DOMException(`The training ${id} has not ended within ${ms} ms; it goes on.`, 'TimeoutError');
}
