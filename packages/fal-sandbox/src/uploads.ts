import type { FastifyReply, FastifyRequest } from 'fastify';
import { strikeUpload } from './connection-faults.ts';
import type { Context } from './context.ts';
import type { Upload } from './files.ts';
import { isRecord, parseObject } from './json.ts';
import { expiryOf } from './lifetime.ts';

/** Opens an upload with the lifecycle in the headers of its first request. */
export function openUpload(
  context: Context,
  request: FastifyRequest,
  { name, contentType, multipart }: { name: string; contentType: string; multipart: boolean },
): Upload {
  const lifecycle: Record<string, string> = {};
  for (const header of ['x-fal-object-lifecycle', 'x-fal-object-lifecycle-preference']) {
    const value = request.headers[header];
    if (typeof value === 'string') lifecycle[header] = value;
  }
  const expiresAt = expiryOf(lifecycle, context.clock.now());
  return context.files.openUpload({
    name: name.replaceAll(/[/\\]/g, '_'),
    contentType,
    lifecycle,
    expiresAt,
    multipart,
  });
}

/** Discards the remainder of a refused body, so that the client reads the response. */
export function refusedBody(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.resume();
  return reply;
}

/** Receives one part and responds with its ETag, in header and body. */
export async function receivePart(
  context: Context,
  upload: Upload,
  part: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (strikeUpload(context, reply, ['part_unavailable'])) return refusedBody(request, reply);
  const partNumber = Number(part);
  if (!upload.multipart || !Number.isInteger(partNumber) || partNumber < 1) {
    refusedBody(request, reply);
    return reply.code(400).send({ detail: `No part "${part}" in this upload` });
  }
  const etag = await context.files.receivePart(upload, partNumber, request.raw);
  return reply.header('etag', etag).send({ partNumber, etag });
}

/** Joins the parts in the body, `{"parts": [{"partNumber", "etag"}]}`; false when it sent an error instead. */
export async function joinParts(context: Context, upload: Upload, body: string, reply: FastifyReply): Promise<boolean> {
  const parts: unknown = parseObject(body)?.parts;
  const named = Array.isArray(parts) ? parts.filter(isPart) : [];
  if (named.length === 0) {
    void reply.code(422).send({ detail: '"parts" must list partNumber and etag of each part.' });
    return false;
  }
  try {
    await context.files.join(upload, named);
    return true;
  } catch (error) {
    void reply.code(400).send({ detail: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

function isPart(value: unknown): value is { partNumber: number; etag: string } {
  return isRecord(value) && typeof value.partNumber === 'number' && typeof value.etag === 'string';
}
