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
   * A name of your own for what you want done, such as the id of the message that asked for it: sent again within 24
   * hours, even by another process, the request has no second effect. One is made up when it is left out.
   */
  idempotencyKey?: string;
};

/**
 * Starts a training, once, however often it has to be sent.
 * @param settings what isn't given has the trainer's default
 * @returns the training as it was accepted; `waitForTraining` follows it
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

/** @returns the header that names a request, for the `params` of a call */
export function headersOf(idempotencyKey: string | undefined): { header?: { 'idempotency-key': string } } {
  return idempotencyKey === undefined ? {} : { header: { 'idempotency-key': idempotencyKey } };
}

export type WaitOptions = {
  signal?: AbortSignal;
  /** How long to wait at most; the training goes on. Without end when left out, for every training ends. */
  timeoutMs?: number;
  /** Called with the training at the beginning and whenever it has changed. */
  onProgress?: (training: Training) => void;
  /** How often the training is read when no event tells of it. Every 15 seconds when left out. */
  pollMs?: number;
};

/**
 * Waits until a training ends. Events wake it, so that it knows within a moment; it reads the training itself each time,
 * once the stream has begun too, and every now and then: no end is missed, whether it came before, while no stream could
 * be had, or to a client that may not read events.
 * @returns the training as it ended: `succeeded`, `failed` or `cancelled`
 * @throws a DOMException named TimeoutError after `timeoutMs`, the signal's reason when it is aborted, ProblemError when
 * there is no such training
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

/** What was known stands while the service can't be asked; that there is such a training must be known first. */
async function read(client: Client, id: string, signal: AbortSignal, known: Training | undefined): Promise<Training> {
  try {
    const { data } = await client.GET('/v1/trainings/{id}', { params: { path: { id } }, signal });
    return data;
  } catch (error) {
    if (known && isPassing(error)) return known;
    throw error;
  }
}

// Without events, because there is no scope for them or no way for a stream, reading in turns is enough.
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
