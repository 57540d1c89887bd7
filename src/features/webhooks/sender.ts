import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { createPublicAgent, ForbiddenAddressError } from '../../platform/http/public-address.ts';

export type Answer = {
  /** Null when there was no response; `error` then says why, in a sentence. */
  status: number | null;
  body: string | null;
  error: string | null;
  retryAfter: string | null;
  latencyMs: number;
};

export type Sender = {
  /** Posts a body. Throws only when `signal` aborts; never follows a redirect. */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
};

export type SenderOptions = {
  allowPrivate: boolean;
  /** Limit of connection, response and body together. */
  timeoutMs: number;
  /** Replaces the system's name resolution. */
  lookup?: LookupFunction;
};

const keptBytes = 1024;
// A longer response body is cut off.
const readBytes = 65_536;

/**
 * Creates the HTTP client for endpoints. Unless private addresses are permitted, each address is checked at connect.
 */
export function createSender({ allowPrivate, timeoutMs, lookup }: SenderOptions): Sender {
  const stallMs = timeoutMs;
  const connect = { timeout: timeoutMs, ...(lookup && { lookup }) };
  const agent = allowPrivate
    ? new Agent({ headersTimeout: stallMs, bodyTimeout: stallMs, connect })
    : createPublicAgent({ stallMs, connectMs: timeoutMs, ...(lookup && { lookup }) });
  return {
    async post(url, headers, body, signal) {
      const start = performance.now();
      const timeout = AbortSignal.timeout(timeoutMs);
      const latencyMs = () => Math.round(performance.now() - start);
      try {
        const ends = AbortSignal.any([timeout, signal]);
        const answer = await unlessAborted(
          ends,
          request(url, { method: 'POST', dispatcher: agent, headers, body, signal: ends }),
        );
        const text = await beginningOf(answer);
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          body: text,
          error: null,
          retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
          latencyMs: latencyMs(),
        };
      } catch (error) {
        signal.throwIfAborted();
        const why = timeout.aborted ? `No answer came within ${timeoutMs / 1000} seconds.` : sentenceFor(error);
        return { status: null, body: null, error: why, retryAfter: null, latencyMs: latencyMs() };
      }
    },
    close: () => agent.destroy(),
  };
}

// undici heeds a signal only once it is connected.
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

// The status is known, so a body that breaks off does not matter.
async function beginningOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const kept: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (size < keptBytes) kept.push(chunk);
      size += chunk.length;
      if (size > readBytes) break;
    }
  } catch {
    // Keep what has arrived.
  }
  // PostgreSQL's text rejects NUL alone.
  return Buffer.concat(kept).subarray(0, keptBytes).toString().replaceAll('\0', '\uFFFD');
}

function sentenceFor(error: unknown): string {
  if (error instanceof ForbiddenAddressError) return 'The host does not lead to a public address.';
  if (error instanceof Error && error.name === 'HTTPParserError') return 'What the host answered is not HTTP.';
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the host leads nowhere.';
    case 'ECONNREFUSED':
      return 'The host refused the connection.';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'The host broke the connection off.';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return 'The host did not answer in time.';
    default:
      return `The request failed${code && `: ${code}`}.`;
  }
}
