import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerPlainFault } from './connection-faults.ts';
import type { Context } from './context.ts';
import type { FaultRule } from './faults.ts';
import type { OpenedFile } from './files.ts';
import type { StoredFile } from './stored-file.ts';
import { buffer } from 'node:stream/consumers';

interface FileRequest {
  Params: { '*': string };
}

/** Serves uploads and artifacts under fal's file hosts, with Range, ETag and length, without a key. */
export function registerFiles(app: FastifyInstance, context: Context): void {
  for (const host of ['v3.fal.media', 'v3b.fal.media', 'fal.media']) {
    app.route<FileRequest>({
      method: ['GET', 'HEAD'],
      url: `/${host}/files/*`,
      handler: (request, reply) => serve(context, `https://${host}/files/${request.params['*']}`, request, reply),
    });
  }
}

async function serve(context: Context, decoded: string, request: FastifyRequest, reply: FastifyReply) {
  // The router decodes the path, while addresses are stored encoded.
  const file = context.files.find(new URL(decoded).href);
  const over = file !== null && file.expiresAt !== null && file.expiresAt <= context.clock.now();
  if (!file?.ready || over) return reply.code(404).send({ detail: 'File not found' });
  const rule = request.method === 'GET' ? context.faults.draw('file', { text: file.url })[0] : undefined;
  const opened = { ...(await context.files.open(file)), contentType: file.contentType };
  if (rule) return serveSpoilt(context, opened, rule, request, reply);
  return serveFile(opened, request, reply);
}

type Served = OpenedFile & Pick<StoredFile, 'contentType'>;

function serveFile({ contentType, size, sha256, read }: Served, request: FastifyRequest, reply: FastifyReply) {
  const range = rangeOf(request.headers.range, size);
  reply
    .type(contentType)
    .header('etag', `"${sha256.slice(0, 32)}"`)
    .header('accept-ranges', 'bytes');
  if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${size}`).send();
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.header('content-length', end - start + 1);
  if (request.method === 'HEAD' || size === 0) return reply.send();
  return reply.send(read({ start, end }));
}

/** Parses one range; null when absent or in a form that may be ignored (RFC 9110 §14.2). */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first, last] = found ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

async function serveSpoilt(
  context: Context,
  file: Served,
  rule: FaultRule,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  switch (rule.fault) {
    case 'missing':
      return reply.code(404).send({ detail: 'File not found' });
    case 'wrong_bytes':
      // The right length with the wrong content.
      return reply.type(file.contentType).send(Buffer.alloc(file.size, '<html>Service Unavailable</html>'));
    case 'empty':
      return reply.type(file.contentType).send(Buffer.alloc(0));
    case 'no_length':
      return reply.type(file.contentType).send(file.read());
    case 'cut':
      return serveHalf(file, request, reply);
    case 'slow':
      await new Promise<void>((resolve) => {
        context.clock.after(rule.seconds ?? 60, resolve);
      });
      return serveFile(file, request, reply);
    default:
      answerPlainFault(reply, rule);
      return reply;
  }
}

/** Half of the requested bytes, then a reset, so that a client must resume by Range. */
async function serveHalf(file: Served, request: FastifyRequest, reply: FastifyReply) {
  const range = rangeOf(request.headers.range, file.size);
  if (range === 'unsatisfiable') return serveFile(file, request, reply);
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  const half = await buffer(file.read({ start, end: start + Math.floor((end - start) / 2) }));
  const head = { 'content-type': file.contentType, 'content-length': end - start + 1, 'accept-ranges': 'bytes' };
  reply.hijack();
  reply.raw.writeHead(range ? 206 : 200, {
    ...head,
    ...(range && { 'content-range': `bytes ${start}-${end}/${file.size}` }),
  });
  reply.raw.write(half, () => reply.raw.socket?.destroy());
  return reply;
}
