import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { createPublicAgent, ForbiddenAddressError, type PublicAgentOptions } from '../platform/http/public-address.ts';
import { limits } from '../limits.ts';
import type { Downloaded, DownloadTarget } from './fal.ts';
import { FalError } from './errors.ts';
import { isUnderBase, mapUrl } from './fetch.ts';

export type Download = (url: string, to: DownloadTarget, signal?: AbortSignal) => Promise<Downloaded>;

export type DownloadOptions = Omit<PublicAgentOptions, 'connectMs'> & {
  baseUrl: string | null;
  /** Milliseconds for a whole download; default one hour. */
  totalMs?: number;
};

type Partial = { size: number; validator: string };
type Body = { answer: Dispatcher.ResponseData; from: number; expected: number | null };

const maxRedirects = 3;

/**
 * Creates the function that downloads an artifact to a file: by https or under the base URL, from public addresses only
 * (checked at connect and after each of at most three redirects), up to `maxBytes`. With `resume`, a partial file is
 * continued by Range and If-Range; its validator is in `<path>.resume`.
 * @throws FalError; file system errors unchanged
 */
export function createDownload(options: DownloadOptions): Download {
  const { baseUrl, stallMs = 30_000, totalMs = limits.falDownload.ms } = options;
  const publicAgent = createPublicAgent({ ...options, stallMs, connectMs: limits.falConnect.ms });
  const baseAgent = new Agent({
    allowH2: false,
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    connect: { timeout: limits.falConnect.ms },
  });

  const ask = (url: string, headers: Record<string, string>, signal: AbortSignal) => {
    const mapped = mapUrl(url, baseUrl);
    const isBase = isUnderBase(mapped, baseUrl);
    if (!isBase && !mapped.startsWith('https:'))
      throw new FalError('forbidden_address', 'The file is not at an https URL.');
    return request(mapped, { headers, signal, dispatcher: isBase ? baseAgent : publicAgent });
  };

  return async (url, to, signal) => {
    const bound = AbortSignal.timeout(totalMs);
    const both = signal === undefined ? bound : AbortSignal.any([signal, bound]);
    try {
      const partial = to.resume === true ? await readPartial(to.path) : null;
      const body = await openBody((headers) => follow((next) => ask(next, headers, both), url), partial);
      return await writeBody(body, to);
    } catch (error) {
      const failure = signal?.aborted === true ? new FalError('aborted', 'The download was aborted.') : error;
      const keeps = failure instanceof FalError && (failure.code === 'unavailable' || failure.code === 'aborted');
      if (to.resume !== true || !keeps) await discard(to.path);
      throw failure;
    }
  };
}

async function follow(ask: (url: string) => Promise<Dispatcher.ResponseData>, start: string) {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    if (!URL.canParse(url)) throw new FalError('invalid_answer', 'The file has no usable URL.');
    const answer = await ask(url).catch(rethrow);
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string') return answer;
    await answer.body.dump();
    url = URL.parse(location, url)?.href ?? '';
  }
  throw new FalError('invalid_answer', `The file is behind more than ${maxRedirects} redirects.`);
}

async function openBody(
  get: (headers: Record<string, string>) => Promise<Dispatcher.ResponseData>,
  partial: Partial | null,
): Promise<Body> {
  // A content coding would change bytes, lengths and ranges.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (partial !== null) {
    headers['range'] = `bytes=${partial.size}-`;
    headers['if-range'] = partial.validator;
  }
  const answer = await get(headers);
  const { statusCode: status } = answer;
  if (status === 200) return { answer, from: 0, expected: lengthOf(answer) };
  const contentRange = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(answer.headers['content-range']));
  if (partial !== null && status === 206 && Number(contentRange?.[1]) === partial.size) {
    return { answer, from: partial.size, expected: Number(contentRange?.[2]) };
  }
  await answer.body.dump();
  if (partial !== null && (status === 206 || status === 416)) return openBody(get, null);
  if (status === 403 || status === 404 || status === 410) {
    throw new FalError('gone', `The file is no longer there (${status}).`);
  }
  throw new FalError('unavailable', `The file's server answered ${status}.`);
}

async function writeBody({ answer, from, expected }: Body, to: DownloadTarget): Promise<Downloaded> {
  const coding = answer.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') throw new FalError('invalid_answer', 'The file was sent coded.');
  checkSize(expected ?? 0, to.maxBytes);
  const hash = createHash('sha256');
  if (from > 0) await hashFile(to.path, hash);
  const file = await open(to.path, from > 0 ? 'a' : 'w');
  let size = from;
  try {
    if (to.resume === true && from === 0) await keepValidator(to.path, answer);
    for await (const chunk of received(answer.body)) {
      size += chunk.byteLength;
      checkSize(size, to.maxBytes);
      hash.update(chunk);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  if (expected !== null && size !== expected) throw new FalError('unavailable', 'The file was cut.');
  await rm(resumePath(to.path), { force: true });
  const contentType = answer.headers['content-type'];
  return { size, sha256: hash.digest('hex'), contentType: typeof contentType === 'string' ? contentType : null };
}

// Network errors become FalError here; file system errors surface in the consumer and stay unchanged.
async function* received(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    rethrow(error);
  }
}

function rethrow(error: unknown): never {
  if (error instanceof FalError) throw error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ForbiddenAddressError) throw new FalError('forbidden_address', cause.message, { cause });
  }
  throw new FalError('unavailable', 'The connection to the server of the file failed.', { cause: error });
}

function checkSize(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new FalError('too_large', `The file is larger than ${maxBytes} bytes.`);
}

function lengthOf(answer: Dispatcher.ResponseData): number | null {
  const length = answer.headers['content-length'];
  return typeof length === 'string' && /^\d+$/.test(length) ? Number(length) : null;
}

async function keepValidator(path: string, answer: Dispatcher.ResponseData): Promise<void> {
  const { etag } = answer.headers;
  // If-Range takes strong validators only (RFC 9110 §13.1.5).
  if (typeof etag === 'string' && etag.startsWith('"')) await writeFile(resumePath(path), etag);
  else await rm(resumePath(path), { force: true });
}

async function readPartial(path: string): Promise<Partial | null> {
  const [validator, size] = await Promise.all([
    readFile(resumePath(path), 'utf8').catch(() => ''),
    stat(path).then(
      (stats) => stats.size,
      () => 0,
    ),
  ]);
  return validator !== '' && size > 0 ? { size, validator } : null;
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk);
}

async function discard(path: string): Promise<void> {
  await Promise.all([rm(path, { force: true }), rm(resumePath(path), { force: true })]);
}

function resumePath(path: string): string {
  return `${path}.resume`;
}
