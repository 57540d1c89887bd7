import type { Problem, ProblemCode } from './types.ts';

/**
 * An error response of the service. Branch on `code`, which is stable; `message` is for people. Further members of the
 * problem document, such as `rejected`, are in `problem`.
 */
export class ProblemError extends Error {
  override name = 'ProblemError';
  /** Stable; later versions may add codes. `unexpected-answer` when a proxy answered instead of the service. */
  readonly code: ProblemCode | 'unexpected-answer';
  /** HTTP status. */
  readonly status: number;
  /** Each wrong field, file or parameter. */
  readonly errors: NonNullable<Problem['errors']>;
  /** Identifies the request in the service's log. */
  readonly request_id: string | undefined;
  /** Seconds to wait before a retry, where the service says so. */
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

/** No complete response: the connection broke or timed out. Whether the request took effect is unknown; see `cause`. */
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
