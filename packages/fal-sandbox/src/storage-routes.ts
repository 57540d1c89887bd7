import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseWithoutKey } from './authorization.ts';
import type { Context } from './context.ts';
import { strikeUpload } from './connection-faults.ts';
import type { Upload } from './files.ts';
import { isRecord, parseObject, stringOf } from './json.ts';

/** fal keeps uploads on its CDN; the host that takes them is not documented (fal contract §3.3), this one is a guess. */
const uploadHost = 'v3b.fal.media';

/** Upload in one piece and in parts, as the JavaScript client does it (fal contract §3.1). */
export function registerStorage(app: FastifyInstance, context: Context): void {
  for (const [path, multipart] of [
    ['initiate', false],
    ['initiate-multipart', true],
  ] as const) {
    app.post<{ Body: string }>(`/rest.fal.ai/storage/upload/${path}`, (request, reply) => {
      if (refuseWithoutKey(context, request, reply)) return reply;
      return initiate(context, request, reply, multipart);
    });
  }

  app.register(async (scope) => {
    // The bodies of PUTs stay streams here, so that an archive of 200 MB is never held in memory.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put<UploadRoute>(`/${uploadHost}/upload/:id/:name`, (request, reply) =>
      receiveWhole(context, request, reply),
    );
    scope.put<PartRoute>(`/${uploadHost}/upload/:id/:name/:part`, (request, reply) =>
      receivePart(context, request, reply),
    );
  });

  app.post<UploadRoute & { Body: string }>(`/${uploadHost}/upload/:id/:name/complete`, (request, reply) =>
    complete(context, request, reply),
  );
}

interface UploadRoute {
  Params: { id: string; name: string };
  Querystring: { signature?: string };
}
interface PartRoute extends UploadRoute {
  Params: { id: string; name: string; part: string };
}

function initiate(
  context: Context,
  request: FastifyRequest<{ Body: string }>,
  reply: FastifyReply,
  multipart: boolean,
) {
  const struck = strikeUpload(context, reply, ['unavailable', 'reset', 'unauthorized', 'locked']);
  if (struck) return reply;
  const body = parseObject(request.body);
  if (!body) return reply.code(422).send({ detail: 'The body must be a JSON object.' });
  const name = stringOf(body, 'file_name') ?? `${Date.now()}.bin`;
  const lifecycle: Record<string, string> = {};
  for (const header of ['x-fal-object-lifecycle', 'x-fal-object-lifecycle-preference']) {
    const value = request.headers[header];
    if (typeof value === 'string') lifecycle[header] = value;
  }
  const { file, signature } = context.files.openUpload({
    name: name.replaceAll(/[/\\]/g, '_'),
    contentType: stringOf(body, 'content_type') ?? 'application/octet-stream',
    lifecycle,
    expiresAt: expiryOf(lifecycle, context.clock.now()),
    multipart,
  });
  const path = `upload/${file.id}/${encodeURIComponent(file.name)}`;
  return reply.send({ upload_url: `https://${uploadHost}/${path}?signature=${signature}`, file_url: file.url });
}

/** Either header counts; whether fal heeds the one that the JavaScript client sends is unknown (fal contract §9). */
function expiryOf(lifecycle: Record<string, string>, now: number): number | null {
  const text = lifecycle['x-fal-object-lifecycle-preference'] ?? lifecycle['x-fal-object-lifecycle'];
  const seconds = text ? parseObject(text)?.expiration_duration_seconds : undefined;
  return typeof seconds === 'number' ? now + seconds * 1000 : null;
}

function findUpload(context: Context, request: FastifyRequest<UploadRoute>, reply: FastifyReply): Upload | null {
  const upload = context.files.upload(request.params.id);
  if (upload && upload.signature === request.query.signature) return upload;
  reply.code(upload ? 403 : 404).send({ detail: upload ? 'Signature does not match' : 'Upload not found' });
  return null;
}

async function receiveWhole(context: Context, request: FastifyRequest<UploadRoute>, reply: FastifyReply) {
  const upload = findUpload(context, request, reply);
  if (!upload || strikeUpload(context, reply, ['put_unavailable'])) return refusedBody(request, reply);
  const etag = await context.files.receive(upload, request.raw);
  // An empty answer that named JSON would make the client throw a SyntaxError.
  return reply.code(200).header('etag', etag).removeHeader('content-type').send();
}

/** Reads the rest of a refused body, so that the client gets to see the answer. */
function refusedBody(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.resume();
  return reply;
}

async function receivePart(context: Context, request: FastifyRequest<PartRoute>, reply: FastifyReply) {
  const upload = findUpload(context, request, reply);
  if (!upload || strikeUpload(context, reply, ['part_unavailable'])) return refusedBody(request, reply);
  const partNumber = Number(request.params.part);
  if (!upload.multipart || !Number.isInteger(partNumber) || partNumber < 1) {
    return reply.code(400).send({ detail: `No part "${request.params.part}" in this upload` });
  }
  const etag = await context.files.receivePart(upload, partNumber, request.raw);
  return reply.header('etag', etag).send({ partNumber, etag });
}

async function complete(
  context: Context,
  request: FastifyRequest<UploadRoute & { Body: string }>,
  reply: FastifyReply,
) {
  const upload = findUpload(context, request, reply);
  if (!upload) return reply;
  const parts: unknown = parseObject(request.body)?.parts;
  const named = Array.isArray(parts) ? parts.filter(isPart) : [];
  if (named.length === 0)
    return reply.code(422).send({ detail: '"parts" must list partNumber and etag of each part.' });
  try {
    await context.files.join(upload, named);
  } catch (error) {
    return reply.code(400).send({ detail: error instanceof Error ? error.message : String(error) });
  }
  return reply.code(200).send();
}

function isPart(value: unknown): value is { partNumber: number; etag: string } {
  return isRecord(value) && typeof value.partNumber === 'number' && typeof value.etag === 'string';
}
