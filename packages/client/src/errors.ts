import type { Problem, ProblemCode } from './types.ts';

/**
 * The service answered, and not with a success. Branch on `code`, which is stable; `message` is for people. Whatever the
 * problem document holds beside the usual members, such as `rejected`, is in `problem`.
 */
export class ProblemError extends Error {
  override name = 'ProblemError';
  /** Stable; later versions of the service may add some. `unexpected-answer` when a proxy answered in its place. */
  readonly code: ProblemCode | 'unexpected-answer';
  /** Of HTTP. */
  readonly status: number;
  /** Each field, file or parameter at fault. */
  readonly errors: NonNullable<Problem['errors']>;
  /** Names the request in the service's log. */
  readonly request_id: string | undefined;
  /** How long the service asks to wait before the request is sent again. */
  readonly retryAfterSeconds: number | undefined;
  readonly problem: Problem | undefined;

  constructor(response: Response, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(problem?.detail ?? `The answer was ${response.status} ${response.statusText}, and no problem document.`);
    this.code = problem?.code ?? 'unexpected-answer';
    this.status = response.status;
    this.errors = problem?.errors ?? [];
    this.request_id = problem?.request_id ?? response.headers.get('x-request-id') ?? undefined;
    this.retryAfterSeconds = secondsOf(response.headers.get('retry-after'));
    this.problem = problem;
  }
}

/**
 * No answer came, or not the whole of it: the connection broke, or time ran out. Whether the request was done is not
 * known; `cause` says what happened.
 */
export class ConnectionError extends Error {
  override name = 'ConnectionError';

  constructor(cause: unknown) {
    super(`No whole answer came: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

// Seconds or a date (RFC 9110 §10.2.3).
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
