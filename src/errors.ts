/**
 * The catalogue of problem types (RFC 9457): code → HTTP status and title. A code is never reused. `detail` describes
 * the occurrence; `errors` names fields and files.
 */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid for this route' },
  'invalid-cursor': { status: 400, title: 'The cursor was not issued by this list' },
  unauthorized: { status: 401, title: 'A valid API key or user token is needed' },
  'invalid-signature': { status: 401, title: 'The webhook has no valid signature' },
  'missing-scope': { status: 403, title: 'The key or token lacks a scope' },
  'user-blocked': { status: 403, title: 'The user is blocked' },
  'key-needed': { status: 403, title: 'A user token cannot do this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The route does not accept this method' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'user-exists': { status: 409, title: 'Another user has this id' },
  'training-running': { status: 409, title: 'A training of this avatar is running' },
  'generation-running': { status: 409, title: 'A generation of this avatar is running' },
  'avatar-not-trained': { status: 409, title: 'No training of this avatar has succeeded' },
  'lora-unavailable': { status: 409, title: 'The trained weights of this avatar are not stored here' },
  'duplicate-generation': { status: 409, title: 'The same generation was asked for a moment ago' },
  'in-use': { status: 409, title: 'Something outside the service refers to the resource' },
  'quota-exceeded': { status: 409, title: 'The user has reached a quota' },
  'too-few-photos': { status: 409, title: 'The avatar has too few photos for this trainer' },
  'too-many-photos': { status: 409, title: 'The avatar has too many photos for this trainer' },
  'photos-changed': { status: 409, title: 'The photos of the earlier attempt are no longer there' },
  'invalid-state': { status: 409, title: 'The resource is not in a state that allows this' },
  'idempotency-in-progress': { status: 409, title: 'A request with this idempotency key is still running' },
  'idempotency-secret': { status: 409, title: 'The response contained a secret and is not repeated' },
  'artifact-unavailable': { status: 409, title: 'The training has no such artifact' },
  'image-flagged': { status: 409, title: 'The safety checker of fal gave no picture' },
  'image-unavailable': { status: 409, title: 'The picture is not stored' },
  'precondition-failed': { status: 412, title: 'The resource has changed since it was read' },
  'payload-too-large': { status: 413, title: 'The body is larger than the route accepts' },
  'unsupported-media-type': { status: 415, title: 'The route does not accept this content type' },
  'range-not-satisfiable': { status: 416, title: 'The file does not have this range of bytes' },
  'expectation-failed': { status: 417, title: 'The expectation cannot be met' },
  'idempotency-mismatch': { status: 422, title: 'The idempotency key was used for another request' },
  'invalid-setting': { status: 422, title: 'A setting cannot be used' },
  'trainer-retired': { status: 422, title: 'fal has ended this trainer' },
  'prompt-too-long': { status: 422, title: 'The prompt is longer than is taken' },
  'prompt-placeholder': { status: 422, title: 'The prompt has a placeholder that is unknown' },
  'model-retired': { status: 422, title: 'This model can no longer be used' },
  'photos-rejected': { status: 422, title: 'None of the files can be used as a photo' },
  'precondition-required': { status: 428, title: 'The change must name the state that it applies to' },
  'queue-full': { status: 429, title: 'The queue is full' },
  'submission-limit-reached': { status: 429, title: 'The user has reached the daily limit' },
  'invalid-endpoint-url': { status: 422, title: 'The URL cannot be a webhook endpoint' },
  'unknown-event-type': { status: 422, title: 'The event type does not exist' },
  'too-many-streams': { status: 429, title: 'The caller has reached the limit of streams' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'The service failed' },
  'no-signing-keys': { status: 503, title: 'fal’s signing keys are not available' },
  'storage-unavailable': { status: 503, title: 'The object store cannot be reached' },
  'database-unavailable': { status: 503, title: 'The database cannot be reached' },
  overloaded: { status: 503, title: 'The service is overloaded' },
  'not-ready': { status: 503, title: 'The service is not ready' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** A wrong field, file or parameter: a JSON pointer or a part's name, and what is wrong and what to do. */
export type ProblemItem = { field: string; code: string; detail: string };

export type ProblemDocument = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id?: string;
  errors?: ProblemItem[];
  [extension: string]: unknown;
};

/** An error response, thrown anywhere and rendered in plugins/problems.ts. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly errors: ProblemItem[];
  readonly extensions: Record<string, unknown>;
  readonly headers: Record<string, string>;

  /**
   * @param detail a sentence: what is wrong, the limit, what to do
   * @param more `errors` by field; `extensions` are members of the document; `headers` are set on the response
   */
  constructor(
    code: ProblemCode,
    detail: string,
    more: {
      errors?: ProblemItem[];
      extensions?: Record<string, unknown>;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.statusCode = problems[code].status;
    this.errors = more.errors ?? [];
    this.extensions = more.extensions ?? {};
    this.headers = more.headers ?? {};
  }
}

const longestDetail = 2000;
const mostErrors = 20;

/**
 * The problem document (RFC 9457 §3), shortened where it repeats input, with the first twenty errors and their number.
 */
export function problemDocument(problem: Problem, requestId?: string): ProblemDocument {
  const rest = problem.errors.length - mostErrors;
  return {
    type: `urn:likeness:problem:${problem.code}`,
    title: problems[problem.code].title,
    status: problem.statusCode,
    code: problem.code,
    detail: shortened(problem.message) + (rest > 0 ? ` … and ${rest} more.` : ''),
    ...(requestId && { request_id: requestId }),
    ...(problem.errors.length > 0 && { errors: problem.errors.slice(0, mostErrors) }),
    ...problem.extensions,
  };
}

function shortened(text: string): string {
  return text.length > longestDetail ? `${text.slice(0, longestDetail)}…`.toWellFormed() : text;
}

/** @throws Problem 404, equal for resources that do not exist and for those of another user */
export function notFound(kind: string): never {
  throw new Problem('not-found', `There is no such ${kind}.`);
}

/** A start that cannot continue. The message is plain sentences for the operator, shown without a stack trace. */
export class BootError extends Error {
  override name = 'BootError';
  readonly exitCode: number;
  /**
   * @param message what is wrong and what to do
   * @param exitCode 78 (EX_CONFIG of sysexits.h) for settings, 1 for the machine's state
   */
  constructor(message: string, exitCode: 1 | 78 = 78) {
    super(message);
    this.exitCode = exitCode;
  }
}
