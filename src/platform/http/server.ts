import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyBaseLogger, type FastifyServerOptions, LogController } from 'fastify';
import { Problem, problemDocument } from '../../errors.ts';
import { requestIdOf } from './request-id.ts';
import { buildSerializer } from './serializer.ts';
import { buildValidator } from './validator.ts';

/** How the HTTP server treats connections and requests before Fastify routes them. */
export const serverOptions = {
  requestIdHeader: false,
  genReqId: (request: IncomingMessage) => requestIdOf(request),
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
  schemaController: { compilersFactory: { buildValidator, buildSerializer } },
  // JSON bodies; routes that take files or fal's webhooks set their own limit.
  bodyLimit: 64 * 1024,
  // A request with all its photos has five minutes to arrive, an idle connection two.
  requestTimeout: 300_000,
  connectionTimeout: 120_000,
  keepAliveTimeout: 72_000,
  http: { headersTimeout: 20_000, maxHeaderSize: 16_384 },
  // While the service stops, open connections are served and told to close; new ones are not accepted.
  return503OnClosing: false,
  clientErrorHandler,
} satisfies FastifyServerOptions & { http: object };

const byCode: Record<string, { status: number; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The headers are larger than 16 KB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive.' },
};

function clientErrorHandler(this: { log: FastifyBaseLogger }, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, detail } = byCode[error.code ?? ''] ?? { status: 400, detail: 'This is no HTTP request.' };
  // The error holds the raw bytes, keys included: nothing else of it may be logged.
  const { code, reason } = error as { code?: string; reason?: string };
  this.log.debug({ code, reason }, 'a connection sent no readable request');
  if (socket.writable) {
    const document = { ...problemDocument(new Problem('invalid-request', detail)), status };
    const body = JSON.stringify(document);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}
