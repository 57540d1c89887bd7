import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { isDatabaseUnavailable, isRetryable } from '../db/faults.ts';
import { Problem, type ProblemItem, problemDocument } from '../errors.ts';
import { StorageError } from '../storage/storage.ts';

const retryAfter = { 'retry-after': '2' };

/** One error body for everything (RFC 9457): what is thrown anywhere in a request is rendered here. */
export const problemsPlugin = fp(
  async (app) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const problem = asProblem(error, request);
      if (problem.statusCode >= 500) request.log.error({ err: error }, problem.message);
      return sendProblem(problem, request, reply);
    });
    // Guessing paths counts like guessing keys, and ends before a body is read.
    app.addHook('onRequest', async (request) => {
      if (!request.is404) return;
      await app.limitStranger(request);
      throw noRoute(request);
    });
    app.setNotFoundHandler((request, reply) => sendProblem(noRoute(request), request, reply));
  },
  { name: 'problems', dependencies: ['protection'] },
);

/** Answers with a problem document, whatever has been prepared for the answer before. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemDocument(problem, request.id));
}

/** Answers a request that found no route because its URL can't be read. */
export function badRequestHandler(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  void sendProblem(new Problem('invalid-request', sentence(error.message)), request, reply);
}

function noRoute(request: FastifyRequest): Problem {
  return new Problem('not-found', `There is no route ${request.method} ${pathOf(request)}.`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function asProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error.validation) return invalidRequest(error);
  if (error instanceof StorageError) {
    return new Problem('storage-unavailable', 'The object store did not do its part; nothing was changed. Try again.', {
      headers: retryAfter,
      cause: error,
    });
  }
  if (isRetryable(error)) {
    // An answer to COMMIT may be what was lost.
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
      return new Problem('payload-too-large', sentence(error.message));
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

function invalidRequest(error: FastifyError): Problem {
  const part = error.validationContext ?? 'body';
  const errors = (error.validation ?? []).map(
    ({ instancePath, keyword, params, message = 'is not valid' }): ProblemItem => {
      const member = params['additionalProperty'] ?? params['missingProperty'];
      const field = `${instancePath}${typeof member === 'string' ? `/${member}` : ''}` || '/';
      return { field, code: keyword, detail: detailOf(keyword, params, message) };
    },
  );
  const first = errors[0];
  const detail = first ? `${part}: ${first.field} ${first.detail}` : error.message;
  return new Problem('invalid-request', sentence(detail), { errors, extensions: { in: part } });
}

function detailOf(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'additionalProperties') return 'is not a member this route knows';
  if (keyword === 'required') return 'is missing';
  const allowed = params['allowedValues'];
  if (Array.isArray(allowed)) return `must be one of ${allowed.filter((value) => value !== null).join(', ')}`;
  return message;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
