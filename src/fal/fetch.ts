import { Readable } from 'node:stream';
import { Agent, type Dispatcher, request as httpRequest } from 'undici';
import { limits } from '../limits.ts';
import { createPublicAgent, ForbiddenAddressError } from '../platform/http/public-address.ts';
import type { FalLog } from './fal.ts';

/** One HTTP answer with its whole body. Header names are in lower case. */
export type Answer = { kind: 'answered'; status: number; headers: Readonly<Record<string, string>>; text: string };

/** No complete answer. `sent` is false only when certainly no byte of the request was sent. */
export type Broken = { kind: 'broken'; why: 'failed' | 'aborted' | 'not_https'; reason: string; sent: boolean };

export type Exchange = Answer | Broken;

export type ExchangeRequest = {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Blob;
  timeoutMs: number;
  /** Milliseconds without progress of request or answer; only `timeoutMs` applies when omitted. */
  stallMs?: number;
  signal?: AbortSignal;
  /** Uses a new connection, and closes it. */
  fresh?: boolean;
};

/** Never throws. */
export type SendExchange = (request: ExchangeRequest) => Promise<Exchange>;

/** Results and logs have a few megabytes at most. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** Maps a fal URL to the base URL: `https://HOST/PATH` becomes `baseUrl/HOST/PATH` (fal contract §5.2). */
export function mapUrl(url: string, baseUrl: string | null): string {
  if (baseUrl === null || isUnderBase(url, baseUrl)) return url;
  const { protocol, host, pathname, search } = new URL(url);
  return protocol === 'https:' ? `${withoutSlash(baseUrl)}/${host}${pathname}${search}` : url;
}

export function isUnderBase(url: string, baseUrl: string | null): boolean {
  return baseUrl !== null && `${new URL(url).href}/`.startsWith(`${withoutSlash(new URL(baseUrl).href)}/`);
}

/**
 * Creates the only function that sends HTTP to fal's API: to public addresses, or under the base URL. It follows no
 * redirect, since a redirected POST is a second POST, and retries nothing. `timeoutMs` bounds each request with
 * connection and body.
 */
export function createExchange(options: { baseUrl: string | null; log?: FalLog }): SendExchange {
  const { baseUrl, log } = options;
  // HTTP/2 has other rules for broken streams. The limits here are ours, so undici's are off.
  const settings = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: limits.falConnect.ms } };
  // A POST on a kept connection that the server is closing fails with an unknown outcome.
  const ofBase = { kept: new Agent(settings), fresh: new Agent({ ...settings, pipelining: 0 }) };
  // fal chooses the URL of an upload, whose name may resolve to a private network.
  const others = { stallMs: 0, connectMs: limits.falConnect.ms };
  const ofOthers = { kept: createPublicAgent(others), fresh: createPublicAgent({ ...others, pipelining: 0 }) };

  return async (request) => {
    const started = performance.now();
    const target = targetOf(request.url, baseUrl);
    if (target === null) return { kind: 'broken', why: 'not_https', reason: 'The URL is not https.', sent: false };
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    if (signal.aborted) return { kind: 'broken', why: 'aborted', reason: 'The call was given up.', sent: false };
    const { body } = request;
    // A Blob is sent as a stream: undici's fetch would read all of it ahead of the socket.
    const content =
      body instanceof Blob
        ? { body: Readable.fromWeb(body.stream()), length: { 'content-length': String(body.size) } }
        : { body: body ?? null, length: {} };
    const outcome = await httpRequest(target, {
      method: request.method,
      headers: { ...request.headers, ...content.length, 'accept-encoding': 'identity' },
      body: content.body,
      dispatcher: (isUnderBase(target, baseUrl) ? ofBase : ofOthers)[request.fresh === true ? 'fresh' : 'kept'],
      // undici counts the header timeout from the last byte sent.
      ...(request.stallMs !== undefined && { headersTimeout: request.stallMs, bodyTimeout: request.stallMs }),
      signal,
    }).then(readAnswer, (error: unknown) => brokenBy(error, true));
    const exchange = outcome.kind === 'broken' ? explain(outcome, request, timeout) : outcome;
    const { hostname: host, pathname } = new URL(request.url);
    // Paths outside the queue, such as an upload's, may be capabilities and stay out of the log.
    const path = host === 'queue.fal.run' ? { path: pathname } : {};
    const result = exchange.kind === 'answered' ? { status: exchange.status } : { reason: exchange.reason };
    const ms = Math.round(performance.now() - started);
    log?.debug({ method: request.method, host, ...path, ms, ...result }, 'asked fal');
    return exchange;
  };
}

// fal chooses the URL of an upload, and undici's fetch would accept data: and blob: too.
function targetOf(url: string, baseUrl: string | null): string | null {
  if (!URL.canParse(url)) return null;
  const target = mapUrl(url, baseUrl);
  return target.startsWith('https:') || isUnderBase(target, baseUrl) ? target : null;
}

async function readAnswer(response: Dispatcher.ResponseData): Promise<Exchange> {
  const { statusCode: status, headers } = response;
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of received(response)) {
      size += chunk.byteLength;
      if (size > maxAnswerBytes) throw new Error('The answer is too large.');
      chunks.push(chunk);
    }
    return { kind: 'answered', status, headers: plainHeaders(headers), text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    return { ...brokenBy(error, false), reason: `The answer with status ${status} was cut.` };
  }
}

function received({ body }: Dispatcher.ResponseData): AsyncIterable<Uint8Array> {
  return body;
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function brokenBy(error: unknown, mayBeUnsent: boolean): Broken {
  const causes = causesOf(error);
  const code = causes.map((cause) => textField(cause, 'code')).find((value) => value !== null);
  const sent = !(mayBeUnsent && causes.length > 0 && causes.every(isBeforeConnection));
  return { kind: 'broken', why: 'failed', reason: `The connection failed (${code ?? 'no code'}).`, sent };
}

function explain(broken: Broken, request: ExchangeRequest, timeout: AbortSignal): Broken {
  if (request.signal?.aborted === true) return { ...broken, why: 'aborted', reason: 'The call was given up.' };
  if (timeout.aborted) return { ...broken, reason: `No whole answer came within ${request.timeoutMs} ms.` };
  return broken;
}

// Root causes: fetch wraps the socket's error, and a host with several addresses has several.
function causesOf(error: unknown): Error[] {
  if (error instanceof AggregateError) return error.errors.flatMap(causesOf);
  if (!(error instanceof Error)) return [];
  return error.cause instanceof Error ? causesOf(error.cause) : [error];
}

function isBeforeConnection(error: Error): boolean {
  const syscall = textField(error, 'syscall');
  if (error instanceof ForbiddenAddressError || syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return textField(error, 'code') === 'UND_ERR_CONNECT_TIMEOUT';
}

function textField(error: Error, name: string): string | null {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : null;
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? withoutSlash(url.slice(0, -1)) : url;
}
