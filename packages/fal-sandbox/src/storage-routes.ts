import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseWithoutKey } from './authorization.ts';
import type { Context } from './context.ts';
import { strikeUpload } from './connection-faults.ts';
import type { Upload } from './files.ts';
import { parseObject, stringOf } from './json.ts';
import { joinParts, openUpload, receivePart, refusedBody } from './uploads.ts';

/** A guess: the host that receives uploads is not documented (fal contract §3.3). */
const uploadHost = 'v3b.fal.media';

/** Uploads, single and multipart, as in fal's JavaScript client (fal contract §3.1). */
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
    // Streams, so that an archive of 200 MB is never held in memory.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put<UploadRoute>(`/${uploadHost}/upload/:id/:name`, (request, reply) =>
      receiveWhole(context, request, reply),
    );
    scope.put<PartRoute>(`/${uploadHost}/upload/:id/:name/:part`, (request, reply) => {
      const upload = findUpload(context, request, reply);
      return upload ? receivePart(context, upload, request.params.part, request, reply) : refusedBody(request, reply);
    });
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
  const { file, signature } = openUpload(context, request, {
    name,
    contentType: stringOf(body, 'content_type') ?? 'application/octet-stream',
    multipart,
  });
  const path = `upload/${file.id}/${encodeURIComponent(file.name)}`;
  return reply.send({ upload_url: `https://${uploadHost}/${path}?signature=${signature}`, file_url: file.url });
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
  // An empty response of type JSON would make the client throw a SyntaxError.
  return reply.code(200).header('etag', etag).removeHeader('content-type').send();
}

async function complete(
  context: Context,
  request: FastifyRequest<UploadRoute & { Body: string }>,
  reply: FastifyReply,
) {
  const upload = findUpload(context, request, reply);
  if (!upload || !(await joinParts(context, upload, request.body, reply))) return reply;
  return reply.code(200).send();
}
