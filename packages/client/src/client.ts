import createFetchClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './api.ts';
import type { Call, CallOptions, HttpMethod } from './calls.ts';
import { ConnectionError, ProblemError } from './errors.ts';
import { withRetries } from './retry.ts';

export type ClientOptions = {
  /** For example `https://likeness.example.com`. */
  baseUrl: string;
  /** An API key or a user token; or a function that returns one, called before each request, for tokens that expire. */
  token: string | (() => string | Promise<string>);
  /** Retries after temporary failures: default 4; 0 for none. */
  retries?: number;
  /** Milliseconds for one response, or for the beginning of a stream: default two minutes. */
  timeoutMs?: number;
  /** Replaces the global fetch, for proxies and tests. */
  fetch?: (request: Request) => Promise<Response>;
};

export type Client = {
  GET: Call<'get'>;
  PUT: Call<'put'>;
  POST: Call<'post'>;
  PATCH: Call<'patch'>;
  DELETE: Call<'delete'>;
};

type Init = CallOptions & { signal?: AbortSignal | null };

/**
 * Creates a client of the Likeness API. Every POST has an `Idempotency-Key`, the same for all its retries, so that it
 * takes effect once; PATCH is never retried, since another change may have come between.
 */
export function createClient({ baseUrl, token, fetch, retries = 4, timeoutMs = 120_000 }: ClientOptions): Client {
  const inner = createFetchClient<paths>({ baseUrl });
  const send = fetch ?? ((request: Request) => globalThis.fetch(request));

  const call =
    (method: HttpMethod) =>
    async (path: string, init: Init & Record<string, unknown> = {}) => {
      const { retries: ownRetries = retries, timeoutMs: ownTimeoutMs = timeoutMs, signal, ...rest } = init;
      const middleware = [credentials(token), ...(method === 'post' ? [idempotencyKey(crypto.randomUUID())] : [])];
      const attempt = () =>
        withTimeout(ownTimeoutMs, signal, async (link) => {
          let isSent = false;
          const sending = (request: Request) => {
            isSent = true;
            return send(request);
          };
          try {
            // Callers are checked by the types of calls.ts; here paths are plain strings.
            const request = inner.request as unknown as Untyped;
            const { data, error, response } = await request(method, path, {
              ...rest,
              signal: link,
              fetch: sending,
              middleware,
            });
            if (!response.ok) throw new ProblemError(response, error);
            return { data, response };
          } catch (error) {
            if (error instanceof ProblemError || !isSent || signal?.aborted) throw error;
            throw new ConnectionError(link.aborted ? link.reason : error);
          }
        });
      return withRetries(attempt, { retries: method === 'patch' ? 0 : ownRetries, signal });
    };
  return {
    GET: call('get') as Call<'get'>,
    PUT: call('put') as Call<'put'>,
    POST: call('post') as Call<'post'>,
    PATCH: call('patch') as Call<'patch'>,
    DELETE: call('delete') as Call<'delete'>,
  };
}

type Untyped = (
  method: HttpMethod,
  path: string,
  init: Record<string, unknown>,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

function credentials(token: ClientOptions['token']): Middleware {
  return {
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
    },
  };
}

/** Adds an Idempotency-Key, unless the caller has set one. */
function idempotencyKey(key: string): Middleware {
  return {
    onRequest({ request }) {
      if (!request.headers.has('idempotency-key')) request.headers.set('idempotency-key', key);
    },
  };
}

/** Aborts on timeout and on the caller's signal; reading the body later depends on the caller's signal only. */
async function withTimeout<T>(
  ms: number,
  signal: AbortSignal | null | undefined,
  work: (link: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException(`${ms} ms went by.`, 'TimeoutError')), ms);
  try {
    return await work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
