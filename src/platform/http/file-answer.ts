import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../errors.ts';
import type { Range } from '../storage/storage.ts';
import { notModified } from './etag.ts';

/** A file as it is served. What lies under its tag never changes. */
export type ServedFile = {
  etag: string;
  /** In bytes; null when nobody knows it, and then no part of the file can be asked for. */
  size: number | null;
  /** What goes with the file or a part of it, and not with an answer without either. */
  headers: Record<string, string>;
  /** @param range the part that was asked for; undefined for the whole file */
  open: (range: Range | undefined) => Promise<Readable>;
};

/**
 * Answers with a stored file, or the one part of it that Range asks for (RFC 9110 §14), so that a download that was cut
 * off goes on where it ended. Several parts at once are answered with the whole file, as §14.2 lets a server do.
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
  // The length is said already, and nothing is read only to be thrown away.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(await open(range));
}

// A Range that can't be read, or belongs to another state of the file, counts as none (§13.1.5, §14.2).
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
