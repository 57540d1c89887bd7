import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem, problemDocument } from '../../errors.ts';
import { requestIdOf } from './request-id.ts';

/** Answers 417 to any Expect other than 100-continue (RFC 9110 §10.1.1). Node emits it before Fastify has a request. */
export function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const id = requestIdOf(request);
  const problem = new Problem('expectation-failed', 'Only Expect: 100-continue is supported: leave the header out.');
  response
    .writeHead(problem.statusCode, {
      'content-type': 'application/problem+json',
      'x-request-id': id,
      connection: 'close',
    })
    .end(JSON.stringify(problemDocument(problem, id)));
}
