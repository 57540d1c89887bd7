import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseWithoutKey } from './authorization.ts';
import { cdnTokenOf, refuseWithoutToken } from './cdn-token.ts';
import { strikeUpload } from './connection-faults.ts';
import type { Context } from './context.ts';
import type { Upload } from './files.ts';
import { joinParts, openUpload, receivePart, refusedBody } from './uploads.ts';

const initiation = ['unavailable', 'reset', 'unauthorized', 'locked'];

interface MultipartRoute {
  Params: { '*': string };
}

/**
 * Uploads by CDN token, single and multipart, as in fal's Python client (fal contract §3.1). Both REST hosts issue the
 * token, since older clients call rest.alpha.fal.ai.
 */
export function registerCdn(app: FastifyInstance, context: Context): void {
  for (const host of ['rest.fal.ai', 'rest.alpha.fal.ai']) {
    app.post(`/${host}/storage/auth/token`, (request, reply) => giveToken(context, request, reply));
  }
  for (const host of ['v3.fal.media', 'v3b.fal.media']) {
    app.register(async (scope) => {
      // Streams, so that an archive of 100 MB is never held in memory.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      scope.post(`/${host}/files/upload`, (request, reply) => receiveWhole(context, request, reply));
      scope.post(`/${host}/files/upload/multipart`, (request, reply) => openMultipart(context, request, reply));
      scope.put<MultipartRoute>(`/${host}/files/*`, (request, reply) => {
        const found = findMultipart(context, host, request, reply);
        return found ? receivePart(context, found.upload, found.step, request, reply) : refusedBody(request, reply);
      });
    });
    app.post<MultipartRoute & { Body: string }>(`/${host}/files/*`, (request, reply) =>
      complete(context, host, request, reply),
    );
  }
}

function giveToken(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (refuseWithoutKey(context, request, reply) || strikeUpload(context, reply, initiation)) return reply;
  const now = Date.now();
  const expiresAt = now + context.settings.cdn_token_seconds * 1000;
  return reply.send({
    token: cdnTokenOf(context, expiresAt),
    created_at: pythonTime(now),
    expires_at: pythonTime(expiresAt),
    base_url: 'https://v3b.fal.media',
    token_type: 'Bearer',
  });
}

/** With an offset instead of Z, which `datetime.fromisoformat` does not parse before Python 3.11. */
function pythonTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000+00:00');
}

function open(context: Context, request: FastifyRequest, multipart: boolean): Upload {
  const named = request.headers['x-fal-file-name'];
  return openUpload(context, request, {
    name: typeof named === 'string' && named !== '' ? named : `${Date.now()}.bin`,
    contentType: request.headers['content-type'] ?? 'application/octet-stream',
    multipart,
  });
}

async function receiveWhole(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (refuseWithoutToken(context, request, reply) || strikeUpload(context, reply, [...initiation, 'put_unavailable'])) {
    return refusedBody(request, reply);
  }
  const upload = open(context, request, false);
  await context.files.receive(upload, request.raw);
  return reply.send({ access_url: upload.file.url, uploaded: true });
}

function openMultipart(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (refuseWithoutToken(context, request, reply) || strikeUpload(context, reply, initiation)) {
    return refusedBody(request, reply);
  }
  const { file } = open(context, request, true);
  return refusedBody(request, reply.send({ access_url: file.url, uploadId: file.id }));
}

/** Finds upload and step of `<access_url>/multipart/<uploadId>/<step>`, or answers 404. */
function findMultipart(
  context: Context,
  host: string,
  request: FastifyRequest<MultipartRoute>,
  reply: FastifyReply,
): { upload: Upload; step: string } | null {
  if (refuseWithoutToken(context, request, reply)) return null;
  const [, file, id = '', step = ''] = /^(.+)\/multipart\/([^/]+)\/([^/]+)$/.exec(request.params['*']) ?? [];
  const upload = context.files.upload(id);
  // The router decodes the path, while addresses are stored encoded.
  if (upload?.multipart && new URL(`https://${host}/files/${file}`).href === upload.file.url) return { upload, step };
  void reply.code(404).send({ detail: 'Upload not found' });
  return null;
}

async function complete(
  context: Context,
  host: string,
  request: FastifyRequest<MultipartRoute & { Body: string }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const found = findMultipart(context, host, request, reply);
  if (!found) return reply;
  const { upload, step } = found;
  if (step !== 'complete') return reply.code(404).send({ detail: 'Upload not found' });
  if (!(await joinParts(context, upload, request.body, reply))) return reply;
  return reply.send({ access_url: upload.file.url });
}
