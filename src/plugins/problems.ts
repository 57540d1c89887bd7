import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { isDatabaseUnavailable, isRetryable } from '../platform/db/faults.ts';
import { Problem, problemDocument } from '../errors.ts';
import { refuseExpectation } from '../platform/http/expectation.ts';
import { invalidRequest, missingBody } from '../platform/http/invalid-request.ts';
import { noteMethods } from '../platform/http/methods.ts';
import { StorageError } from '../platform/storage/storage.ts';

const retryAfter = { 'retry-after': '2' };

/** Renders every error of a request as a problem document (RFC 9457). */
export const problemsPlugin = fp(
  async (app) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const problem = asProblem(error, request);
      if (problem.statusCode >= 500) request.log.error({ err: error }, problem.message);
      return sendProblem(problem, request, reply);
    });
    const methodsOf = noteMethods(app);
    // Guessed paths count like guessed keys; decided before the body is read.
    app.addHook('onRequest', async (request, reply) => {
      if (!request.is404) return;
      await app.limitStranger(request);
      const methods = methodsOf(pathOf(request));
      if (methods.length > 0) reply.header('allow', methods.join(', '));
      if (methods.length > 0 && request.method === 'OPTIONS') return reply.code(204).send();
      throw noRoute(request, methods);
    });
    app.setNotFoundHandler((request, reply) => sendProblem(noRoute(request, []), request, reply));
    app.server.on('checkExpectation', refuseExpectation);
  },
  { name: 'problems', dependencies: ['protection'] },
);

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemDocument(problem, request.id));
}

/** Responds to a request whose URL cannot be parsed. */
export function badRequestHandler(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  void sendProblem(new Problem('invalid-request', sentence(error.message)), request, reply);
}

function noRoute(request: FastifyRequest, methods: readonly string[]): Problem {
  if (methods.length === 0) return new Problem('not-found', `There is no route ${request.method} ${pathOf(request)}.`);
  return new Problem('method-not-allowed', `This path takes ${methods.join(', ')}, not ${request.method}.`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function asProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error.validation) return ofValidation(error, request);
  if (error instanceof StorageError) {
    return new Problem('storage-unavailable', 'The object store did not do its part; nothing was changed. Try again.', {
      headers: retryAfter,
      cause: error,
    });
  }
  if (isRetryable(error)) {
    // The lost response may be that of a COMMIT.
    const reason = isDatabaseUnavailable(error)
      ? 'The database did not do its part.'
      : 'Others were at the same data at this moment.';
    return new Problem('database-unavailable', `${reason} Try again, with the same Idempotency-Key if you sent one.`, {
      headers: retryAfter,
      cause: error,
    });
  }
  return (
    byStatus(error, request) ??
    new Problem('internal-error', 'The service failed; its log says more.', { cause: error })
  );
}

function byStatus(error: FastifyError, request: FastifyRequest): Problem | undefined {
  switch (error.statusCode) {
    case 400:
      return new Problem('invalid-request', sentence(error.message));
    case 404:
      return new Problem('not-found', `There is no ${pathOf(request)}.`);
    case 413:
      return new Problem(
        'payload-too-large',
        `The body is larger than ${request.routeOptions.bodyLimit} bytes, the maximum of this route.`,
      );
    case 415:
      return new Problem(
        'unsupported-media-type',
        `The content type ${request.headers['content-type'] ?? '(none)'} is not taken here.`,
      );
    case 429:
      return new Problem('rate-limited', sentence(error.message));
    case 503:
      return new Problem('overloaded', sentence(error.message), { headers: retryAfter });
    default:
      return undefined;
  }
}

function ofValidation(
  { validation = [], validationContext: part = 'body' }: FastifyError,
  request: FastifyRequest,
): Problem {
  if (part === 'body' && request.body === undefined) return missingBody();
  return invalidRequest(part, validation);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
