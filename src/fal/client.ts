import { createFalClient, type FalClient } from '@fal-ai/client';
import { sortCancel, sortResult, sortStatus, sortSubmit } from './answers.ts';
import { createDownload } from './download.ts';
import type { Fal, FalLog } from './fal.ts';
import { failureBeforeSending } from './failure.ts';
import { createExchange, type Exchange } from './fetch.ts';
import { fetchSigningKeys, findRequests } from './platform.ts';
import { recordFetch } from './recorded-fetch.ts';
import { isRequestId } from './shapes.ts';
import { uploadFile } from './upload.ts';

export type FalOptions = {
  mode: 'live' | 'sandbox';
  /** `key_id:key_secret`. */
  key: string;
  /** `https://HOST/PATH` becomes `baseUrl/HOST/PATH`; null for fal itself. */
  baseUrl: string | null;
  log?: FalLog;
  /** Milliseconds for one API call with its answer, and for a pause in an upload or download; default 30,000. */
  timeoutMs?: number;
};

export function createFal(options: FalOptions): Fal {
  const { mode, key, baseUrl, log, timeoutMs = 30_000 } = options;
  const send = createExchange({ baseUrl, ...(log && { log }) });
  const platform = { send, key, timeoutMs };

  /** Runs one call of fal's client with at most one request, and returns the recorded exchange. */
  const exchange = async (
    call: (client: FalClient) => Promise<unknown>,
    { signal, fresh = false }: { signal?: AbortSignal | undefined; fresh?: boolean },
  ): Promise<{ exchange: Exchange | null; error: unknown }> => {
    const recorded = recordFetch({ send, timeoutMs, maxRequests: 1, fresh, ...(signal && { signal }) });
    const error: unknown = await call(createFalClient({ credentials: key, fetch: recorded.fetch })).then(
      () => null,
      (reason: unknown) => reason,
    );
    return { exchange: recorded.last(), error };
  };

  /** Runs a call about a job; an id that would change the path is not sent. */
  const ask = async (
    falRequestId: string,
    signal: AbortSignal | undefined,
    call: (client: FalClient) => Promise<unknown>,
  ) => {
    if (!isRequestId(falRequestId)) return notSent('The request id cannot stand in a URL.');
    const made = await exchange(call, { signal });
    return made.exchange ?? notSent(made.error instanceof Error ? made.error.message : 'The request was not sent.');
  };

  return {
    mode,
    upload: (file, signal) => uploadFile({ send, key, stallMs: timeoutMs }, file, signal),
    submit: async (endpoint, input, { webhookUrl, startTimeoutSeconds, outputExpirySeconds, tags, signal }) => {
      const headers = submitHeaders(startTimeoutSeconds, tags);
      const lifetime = outputExpirySeconds !== undefined && { storageSettings: { expiresIn: outputExpirySeconds } };
      const made = await exchange(
        (client) =>
          client.queue.submit(endpoint, { input, webhookUrl, startTimeout: startTimeoutSeconds, headers, ...lifetime }),
        { signal, fresh: true },
      );
      if (made.exchange !== null) return sortSubmit(made.exchange);
      const message = made.error instanceof Error ? made.error.message : 'The job was not sent.';
      return { kind: 'refused', failure: failureBeforeSending(message) };
    },
    status: async (endpoint, falRequestId, signal) =>
      sortStatus(
        await ask(falRequestId, signal, (client) =>
          client.queue.status(endpoint, { requestId: falRequestId, logs: true }),
        ),
      ),
    result: async (endpoint, falRequestId, signal) =>
      sortResult(
        await ask(falRequestId, signal, (client) => client.queue.result(endpoint, { requestId: falRequestId })),
      ),
    cancel: async (endpoint, falRequestId, signal) =>
      sortCancel(
        await ask(falRequestId, signal, (client) => client.queue.cancel(endpoint, { requestId: falRequestId })),
      ),
    findRequests: (endpoint, query, signal) => findRequests(platform, endpoint, query, signal),
    fetchSigningKeys: (signal) => fetchSigningKeys(platform, signal),
    download: createDownload({ baseUrl, stallMs: timeoutMs }),
  };
}

// fal documents a newer name of the start timeout than its client sends (fal contract §1.2).
function submitHeaders(startTimeoutSeconds: number, tags: Record<string, string> = {}): Record<string, string> {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const startTimeout = { 'x-fal-request-start-timeout': String(startTimeoutSeconds) };
  return pairs.length === 0 ? startTimeout : { ...startTimeout, 'x-fal-tags': pairs.join(',') };
}

function notSent(reason: string): Exchange {
  return { kind: 'broken', why: 'failed', reason, sent: false };
}
