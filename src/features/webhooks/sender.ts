import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { createPublicAgent, ForbiddenAddressError } from '../../platform/http/public-address.ts';

/** What came of one request to an endpoint. */
export type Answer = {
  /** Null when none came; then `error` says why, in a sentence. */
  status: number | null;
  /** The beginning of its body. */
  body: string | null;
  error: string | null;
  retryAfter: string | null;
  latencyMs: number;
};

export type Sender = {
  /** Posts a body. Never throws, but for the abort of `signal`; never follows a redirect. */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
};

export type SenderOptions = {
  /** Whether private addresses may be connected to. */
  allowPrivate: boolean;
  /** For connection, answer and body together. */
  timeoutMs: number;
  /** In place of the system's name look-up. */
  lookup?: LookupFunction;
};

const keptBytes = 1024;
// Whoever answers more than this is not listened to any longer.
const readBytes = 65_536;

/** Makes the client that calls endpoints. Where addresses may not be private, each is checked when it is connected to. */
export function createSender({ allowPrivate, timeoutMs, lookup }: SenderOptions): Sender {
  const stallMs = timeoutMs;
  const agent = allowPrivate
    ? new Agent({ headersTimeout: stallMs, bodyTimeout: stallMs, connect: { ...(lookup && { lookup }) } })
    : createPublicAgent({ stallMs, ...(lookup && { lookup }) });
  return {
    async post(url, headers, body, signal) {
      const start = performance.now();
      const timeout = AbortSignal.timeout(timeoutMs);
      const latencyMs = () => Math.round(performance.now() - start);
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          headers,
          body,
          signal: AbortSignal.any([timeout, signal]),
        });
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

// The status has been given; a body that breaks off changes nothing about it.
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
    // What has come is what is kept.
  }
  // PostgreSQL's text takes every character but this one.
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
