import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../errors.ts';
import type { Range } from '../storage/storage.ts';
import { notModified } from './etag.ts';

/** A stored file to serve; the bytes under an ETag never change. */
export type ServedFile = {
  etag: string;
  /** Size in bytes; null when unknown, which rules out ranges. */
  size: number | null;
  /** Headers sent with the file or a range, but not with 304. */
  headers: Record<string, string>;
  /** @param range the requested part; undefined for the whole file */
  open: (range: Range | undefined) => Promise<Readable>;
};

/**
 * Serves a stored file, or the one range of it that was requested (RFC 9110 §14), so that downloads can resume. A
 * request for several ranges gets the whole file, which §14.2 allows.
 * @throws Problem 416 `range-not-satisfiable`; what `open` throws
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, size, headers, open }: ServedFile,
): Promise<FastifyReply> {
  reply.header('etag', etag);
  if (notModified(request, reply)) return reply.send();
  const range = size === null || request.method === 'HEAD' ? undefined : rangeOf(request, etag, size);
  reply.headers(headers);
  if (size !== null) reply.header('accept-ranges', 'bytes');
  if (range) {
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
    reply.header('content-length', range.end - range.start + 1);
  } else if (size !== null) {
    reply.header('content-length', size);
  }
  // HEAD: the length is known, so the file is not read.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(await open(range));
}

// A malformed Range, or one for another version, is ignored (§13.1.5, §14.2).
function rangeOf({ headers }: FastifyRequest, etag: string, size: number): Range | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(headers.range ?? '') ?? [];
  const ifRange = headers['if-range'];
  if (first + last === '' || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start < size && start <= end) return { start, end };
  throw new Problem('range-not-satisfiable', `The file has ${size} bytes, and the range begins behind them.`, {
    headers: { 'content-range': `bytes */${size}` },
    extensions: { size },
  });
}
