import type { paths } from './api.ts';
import type { Client } from './client.ts';
import type { Training } from './types.ts';
import { waitForEnd, type WaitOptions } from './wait-for-end.ts';

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

/**
 * Waits until a training ends, by events, and by polls besides.
 * @returns the training: `succeeded`, `failed` or `cancelled`
 * @throws a DOMException named TimeoutError after `timeoutMs`; the signal's reason when it aborts; ProblemError for an
 * unknown training
 */
export async function waitForTraining(client: Client, id: string, options: WaitOptions = {}): Promise<Training> {
  const read = async (signal: AbortSignal) => {
    const { data } = await client.GET('/v1/trainings/{id}', { params: { path: { id } }, signal });
    return data;
  };
  return waitForEnd(client, { name: `The training ${id}`, read, events: { training_id: id } }, options);
}
