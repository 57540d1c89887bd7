import type { Charged, JobError } from '../platform/db/schema.ts';
import { valueWithoutAddresses, withoutAddresses } from '../fal/addresses.ts';
import { storableText } from '../fal/lossless-json.ts';
import type { AccountTrouble, FalFailure } from '../fal/outcomes.ts';

/** Failure codes of every kind of job; each kind adds its own. */
export type CommonFailure =
  | 'invalid-input'
  | 'provider-refused'
  | 'provider-error'
  | 'provider-timeout'
  | 'provider-start-timeout'
  | 'provider-cancelled'
  | 'provider-blocked'
  | 'queue-timeout'
  | 'result-expired'
  | 'deadline-exceeded'
  | 'submit-unresolved'
  | 'preparation-failed'
  | 'answer-unusable';

/** How jobs of one kind fail: a closed list, documented for clients in docs/api.md. */
export type Failures<Code extends string = string> = {
  /** `retryable`: an unchanged retry may succeed. */
  codes: Readonly<Record<Code | CommonFailure, { retryable: boolean; message: string }>>;
  /** `type` of a 422 detail (fal contract §1.7) → our code. */
  codeOfType: ReadonlyMap<string, Code | CommonFailure>;
  /** When fal's result holds no product; when the product can not be used; when it can not be had. */
  product: { missing: Code; invalid: Code; unavailable: Code };
};

export type BlockedReason =
  | 'provider-unauthorized'
  | 'provider-locked'
  | 'provider-balance-exhausted'
  | 'provider-rate-limited'
  | 'provider-unavailable'
  | 'storage-unavailable';

const blockedBy: Record<AccountTrouble, BlockedReason> = {
  unauthorized: 'provider-unauthorized',
  locked: 'provider-locked',
  exhausted_balance: 'provider-balance-exhausted',
  rate_limited: 'provider-rate-limited',
};

/** The reason when fal refuses the account and not the job; else null. */
export function blockedReason(failure: FalFailure): BlockedReason | null {
  return failure.account && blockedBy[failure.account];
}

// `error_type` of an infrastructure error (fal contract §1.7) → our code.
const codeOfErrorType: ReadonlyMap<string, CommonFailure> = new Map<string, CommonFailure>(
  Object.entries({
    request_timeout: 'provider-start-timeout',
    startup_timeout: 'provider-start-timeout',
    runner_scheduling_failure: 'provider-error',
    runner_connection_timeout: 'provider-error',
    runner_disconnected: 'provider-error',
    runner_connection_refused: 'provider-error',
    runner_connection_error: 'provider-error',
    runner_incomplete_response: 'provider-error',
    runner_server_error: 'provider-error',
    internal_error: 'provider-error',
    client_disconnected: 'provider-cancelled',
    client_cancelled: 'provider-cancelled',
    bad_request: 'invalid-input',
  } as const),
);

type Judged = Pick<FalFailure, 'types' | 'errorType' | 'status'>;

/** Maps a failure to our code; every documented answer of fal has one. */
export function failureCodeOf<Code extends string>(
  { codeOfType }: Failures<Code>,
  { types, errorType, status }: Judged,
): Code | CommonFailure {
  for (const type of types) {
    const code = codeOfType.get(type);
    if (code) return code;
  }
  if (types.length > 0 && (status === null || status === 422)) return 'invalid-input';
  // fal puts a job's own errors and those of its infrastructure into the same member.
  const known = errorType && (codeOfErrorType.get(errorType) ?? codeOfType.get(errorType));
  if (known) return known;
  if (status === 499) return 'provider-cancelled';
  if (status === 504) return 'provider-timeout';
  if (status === 422) return 'invalid-input';
  return status !== null && status >= 400 && status < 500 ? 'provider-refused' : 'provider-error';
}

export function isCancellation(failures: Failures, failure: Judged): boolean {
  return failureCodeOf(failures, failure) === 'provider-cancelled';
}

/**
 * Whether fal charges for a failed job: by its billing header; else `no` for status 500 and above (fal contract §1.7),
 * else `unknown`.
 */
export function chargedFor({ billableUnits, status }: Pick<FalFailure, 'billableUnits' | 'status'>): Charged {
  if (billableUnits !== null) return billableUnits > 0 ? 'yes' : 'no';
  return status !== null && status >= 500 ? 'no' : 'unknown';
}

export function errorOfFailure(failures: Failures, failure: FalFailure): JobError {
  const code = failureCodeOf(failures, failure);
  const { message, retryable } = toldOf(failures, code);
  return made({
    code,
    message: `${message} ${failure.message}`.trim(),
    detail: failure.detail ?? null,
    retryable: failure.retryable ?? retryable,
    provider_request_id: failure.falRequestId,
  });
}

/** The error of a job that Likeness itself failed. */
export function errorOf<Code extends string>(
  failures: Failures<Code>,
  code: Code | CommonFailure,
  detail: Record<string, unknown> | null,
  falRequestId: string | null,
): JobError {
  return made({ ...failures.codes[code], code, detail, provider_request_id: falRequestId });
}

function toldOf({ codes }: Failures, code: string): { retryable: boolean; message: string } {
  const told = codes[code];
  if (!told) throw new Error(`there is no failure code ${code}`);
  return told;
}

/** Limit of JSON characters from fal, since they are sent to every webhook endpoint. */
const maxDetailLength = 16_384;
const maxMessageLength = 4000;

// fal's messages may contain URLs that give access to photos or weights.
function made(error: {
  code: string;
  message: string;
  detail: unknown;
  retryable: boolean;
  provider_request_id: string | null;
}): JobError {
  const detail = valueWithoutAddresses(error.detail);
  const text = JSON.stringify(detail) ?? 'null';
  return {
    code: error.code,
    message: storableText(withoutAddresses(error.message).slice(0, maxMessageLength)),
    detail: text.length <= maxDetailLength ? detail : { truncated: storableText(text.slice(0, maxDetailLength)) },
    retryable: error.retryable,
    provider_request_id: error.provider_request_id && withoutAddresses(error.provider_request_id),
  } as JobError;
}
