/** Why our account is refused: a failure that concerns all jobs, not this input. */
export type AccountTrouble = 'unauthorized' | 'locked' | 'exhausted_balance' | 'rate_limited';

/** fal's refusal of a submission, or the failure of a job (fal contract §1.7). */
export type FalFailure = {
  /** HTTP status; null when nothing was sent, or when a webhook named none. */
  status: number | null;
  /** `error_type` of the body, else the header X-Fal-Error-Type. The list of values is open. */
  errorType: string | null;
  /** `type` of every entry of a 422 `detail` list, in its order. The list of values is open. */
  types: string[];
  /** One line for people, without URLs. */
  message: string;
  /** fal's body, parsed, without addresses; text that PostgreSQL cannot store is replaced by U+FFFD. */
  detail: unknown;
  account: AccountTrouble | null;
  /** What fal says itself in X-Fal-Retryable or X-Fal-Needs-Retry; null when it says nothing. */
  retryable: boolean | null;
  /** X-Fal-Billable-Units; null when fal does not say. */
  billableUnits: number | null;
  falRequestId: string | null;
};

/**
 * What became of the one POST (fal contract §5.4).
 *
 * - `accepted`: the job exists.
 * - `refused`: fal answered that nothing was queued, or nothing was sent at all (`failure.status` null).
 * - `unknown`: the job may exist. `sent` is false only when no connection was ever made.
 */
export type SubmitOutcome =
  | { kind: 'accepted'; falRequestId: string; gatewayRequestId: string | null; raw: string }
  | { kind: 'refused'; failure: FalFailure }
  | { kind: 'unknown'; reason: string; sent: boolean };

/** One log line of a job. fal promises only the message (fal contract §1.3). */
export type FalLogLine = { message: string; timestamp: string | null; level: string | null; source: string | null };

/** Each poll returns the whole log so far (fal contract §1.3). */
export type StatusOutcome =
  | { kind: 'in_queue'; position: number | null }
  | { kind: 'in_progress'; logs: FalLogLine[] }
  | { kind: 'completed'; logs: FalLogLine[]; inferenceTime: number | null }
  | { kind: 'failed'; logs: FalLogLine[]; error: string; errorType: string | null }
  | { kind: 'not_found' }
  | { kind: 'refused'; failure: FalFailure }
  | { kind: 'unavailable'; reason: string };

/**
 * - `ok`: `raw` is the result as JSON that PostgreSQL takes, with every digit of a uint64; `data` is the same through
 *   JSON.parse. `billableUnits` is null when fal does not tell.
 * - `failed`: the job's own answer is an error.
 * - `gone`: fal no longer keeps the result (fal contract §1.5).
 * - `unavailable`: ask again later; `failure` is there when our account is the reason.
 */
export type ResultOutcome =
  | { kind: 'ok'; data: unknown; raw: string; billableUnits: number | null }
  | { kind: 'failed'; failure: FalFailure }
  | { kind: 'not_ready' }
  | { kind: 'gone' }
  | { kind: 'unavailable'; reason: string; failure: FalFailure | null };

/** `requested` says that fal accepted the cancellation, not that the job has ended (fal contract §1.6). */
export type CancelOutcome =
  | { kind: 'requested' }
  | { kind: 'already_completed' }
  | { kind: 'not_found' }
  | { kind: 'refused'; failure: FalFailure }
  | { kind: 'unavailable'; reason: string };

/** Selects fal's records of requests from `start` to `end`, one page. */
export type RequestQuery = { start: Date; end?: Date; cursor?: string };

/** Fields of fal's records (fal contract §7). */
export type FoundRequest = {
  falRequestId: string;
  endpoint: string;
  /** When fal received the request; null when the record does not say. */
  sentAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** HTTP status of the job's answer; null while it runs. */
  statusCode: number | null;
  /** The submitted input; null when fal kept no payload. */
  input: Record<string, unknown> | null;
};

export type FoundRequests = { items: FoundRequest[]; nextCursor: string | null };
