import { createFalClient, type FalClient } from '@fal-ai/client';
import { sortCancel, sortResult, sortStatus, sortSubmit } from './answers.ts';
import { createDownload } from './download.ts';
import { failureBeforeSending } from './failure.ts';
import { createExchange, type Exchange } from './fetch.ts';
import type { CancelOutcome, FoundRequests, ResultOutcome, StatusOutcome, SubmitOutcome } from './outcomes.ts';
import { fetchSigningKeys, findRequests, type RequestQuery } from './platform.ts';
import { recordFetch } from './recorded-fetch.ts';
import { isRequestId } from './shapes.ts';
import type { SigningKey } from './signature.ts';
import { uploadFile } from './upload.ts';

/** The two calls of a pino logger that this folder makes. Neither is ever given a key, a token or a query string. */
export type FalLog = { debug(fields: object, message: string): void; warn(fields: object, message: string): void };

export type FalOptions = {
  mode: 'live' | 'sandbox';
  /** `key_id:key_secret`. */
  key: string;
  /** Every `https://HOST/PATH` becomes `baseUrl/HOST/PATH`; null for fal itself. */
  baseUrl: string | null;
  log?: FalLog;
  /** Bound of one call to the API, answer read whole, and of a pause in an upload or download: 30,000 when not given. */
  timeoutMs?: number;
};

export type FileToUpload = { path: string; name: string; contentType: string; expiresInSeconds: number };

export type SubmitOptions = {
  webhookUrl: string;
  /** Seconds the job may wait in fal's queue before it starts; more than 1. */
  startTimeoutSeconds: number;
  tags?: Record<string, string>;
  signal?: AbortSignal;
};

export type DownloadTarget = { path: string; maxBytes: number; resume?: boolean };

export type Downloaded = { size: number; sha256: string; contentType: string | null };

/** All that the service ever asks of fal. Nothing here repeats a request: when to ask again is the caller's to say. */
export type Fal = {
  readonly mode: 'live' | 'sandbox';
  /** Streams a file to fal's storage. Throws FalError. */
  upload(file: FileToUpload, signal?: AbortSignal): Promise<{ url: string }>;
  /** Makes exactly one POST, or none when the outcome is `refused` with status null. Never throws. */
  submit(endpoint: string, input: Record<string, unknown>, options: SubmitOptions): Promise<SubmitOutcome>;
  /** Asks for status and the whole log. Never throws. */
  status(endpoint: string, requestId: string, signal?: AbortSignal): Promise<StatusOutcome>;
  /** Asks for the result. Never throws. */
  result(endpoint: string, requestId: string, signal?: AbortSignal): Promise<ResultOutcome>;
  /** Asks fal to stop a job. Never throws. */
  cancel(endpoint: string, requestId: string, signal?: AbortSignal): Promise<CancelOutcome>;
  /** Searches fal's records by endpoint and time, 100 to a page. Throws FalError. */
  findRequests(endpoint: string, query: RequestQuery, signal?: AbortSignal): Promise<FoundRequests>;
  /** Fetches fal's signing keys; never an empty list. Throws FalError. */
  fetchSigningKeys(signal?: AbortSignal): Promise<SigningKey[]>;
  /** Fetches a file that fal made. Throws FalError. */
  download(url: string, to: DownloadTarget, signal?: AbortSignal): Promise<Downloaded>;
};

/** Makes the service's one way to fal, or to the sandbox when `baseUrl` says so. Sends nothing yet. */
export function createFal(options: FalOptions): Fal {
  const { mode, key, baseUrl, log, timeoutMs = 30_000 } = options;
  const send = createExchange({ baseUrl, ...(log && { log }) });
  const platform = { send, key, timeoutMs };

  /** Lets fal's client make one call of at most one request, and gives what was really exchanged. */
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

  /** The same for a request about a job; an id that would lead to another path is not sent. */
  const ask = async (
    requestId: string,
    signal: AbortSignal | undefined,
    call: (client: FalClient) => Promise<unknown>,
  ) => {
    if (!isRequestId(requestId)) return notSent('The request id cannot stand in a URL.');
    const made = await exchange(call, { signal });
    return made.exchange ?? notSent(made.error instanceof Error ? made.error.message : 'The request was not sent.');
  };

  return {
    mode,
    upload: (file, signal) => uploadFile({ send, key, stallMs: timeoutMs }, file, signal),
    submit: async (endpoint, input, { webhookUrl, startTimeoutSeconds, tags, signal }) => {
      const headers = submitHeaders(startTimeoutSeconds, tags);
      const made = await exchange(
        (client) => client.queue.submit(endpoint, { input, webhookUrl, startTimeout: startTimeoutSeconds, headers }),
        { signal, fresh: true },
      );
      if (made.exchange !== null) return sortSubmit(made.exchange);
      const message = made.error instanceof Error ? made.error.message : 'The job was not sent.';
      return { kind: 'refused', failure: failureBeforeSending(message) };
    },
    status: async (endpoint, requestId, signal) =>
      sortStatus(await ask(requestId, signal, (client) => client.queue.status(endpoint, { requestId, logs: true }))),
    result: async (endpoint, requestId, signal) =>
      sortResult(await ask(requestId, signal, (client) => client.queue.result(endpoint, { requestId }))),
    cancel: async (endpoint, requestId, signal) =>
      sortCancel(await ask(requestId, signal, (client) => client.queue.cancel(endpoint, { requestId }))),
    findRequests: (endpoint, query, signal) => findRequests(platform, endpoint, query, signal),
    fetchSigningKeys: (signal) => fetchSigningKeys(platform, signal),
    download: createDownload({ baseUrl, stallMs: timeoutMs }),
  };
}

// The client knows only the older name of the start time-out; fal documents the newer one (fal contract §1.2).
function submitHeaders(startTimeoutSeconds: number, tags: Record<string, string> = {}): Record<string, string> {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const startTimeout = { 'x-fal-request-start-timeout': String(startTimeoutSeconds) };
  return pairs.length === 0 ? startTimeout : { ...startTimeout, 'x-fal-tags': pairs.join(',') };
}

function notSent(reason: string): Exchange {
  return { kind: 'broken', why: 'failed', reason, sent: false };
}
