import type { paths } from './api.ts';
import type { Client } from './client.ts';
import { headersOf, type WriteOptions } from './trainings.ts';
import type { Generation } from './types.ts';
import { waitForEnd, type WaitOptions } from './wait-for-end.ts';

type Request = paths['/v1/avatars/{id}/generations']['post']['requestBody']['content']['application/json'];

/**
 * Starts a generation of one to four images, once, whatever the number of retries.
 * @param asked prompt, size and settings; omitted ones have the model's default
 * @returns the accepted generation; {@link waitForGeneration} follows it
 */
export async function startGeneration(
  client: Client,
  avatarId: string,
  asked: Omit<Request, 'dry_run'>,
  { signal, idempotencyKey }: WriteOptions = {},
): Promise<Generation> {
  const { data } = await client.POST('/v1/avatars/{id}/generations', {
    params: { path: { id: avatarId }, ...headersOf(idempotencyKey) },
    body: { ...asked, dry_run: false },
    ...(signal && { signal }),
  });
  if ('dry_run' in data) throw new Error('A generation was asked for, and a plan came.');
  return data;
}

/**
 * Waits until a generation ends, by events, and by polls besides.
 * @param options `pollMs`: default 5,000, since images take seconds
 * @returns the generation: `succeeded` with one image that is `ok` at least, `failed` or `cancelled`
 * @throws a DOMException named TimeoutError after `timeoutMs`; the signal's reason when it aborts; ProblemError for an
 * unknown generation
 */
export async function waitForGeneration(
  client: Client,
  id: string,
  options: WaitOptions<Generation> = {},
): Promise<Generation> {
  const read = async (signal: AbortSignal) => {
    const { data } = await client.GET('/v1/generations/{id}', { params: { path: { id } }, signal });
    return data;
  };
  const waiting = { name: `The generation ${id}`, read, events: { generation_id: id } };
  return waitForEnd(client, waiting, { pollMs: 5000, ...options });
}
