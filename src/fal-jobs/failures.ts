import type { Charged, TrainingError } from '../platform/db/schema.ts';
import { valueWithoutAddresses, withoutAddresses } from '../fal/addresses.ts';
import { storableText } from '../fal/lossless-json.ts';
import type { AccountTrouble, FalFailure } from '../fal/outcomes.ts';

/**
 * Why a training failed: a closed list, written out for clients in docs/api.md. `retryable` says whether the same
 * training may well succeed when it is started again unchanged.
 */
export const failureCodes = {
  'invalid-input': { retryable: false, message: 'fal refused a setting of the training.' },
  'invalid-archive': { retryable: false, message: 'fal could not use the archive of photos.' },
  'invalid-photo': { retryable: false, message: 'fal could not use one of the photos.' },
  'no-face-found': { retryable: false, message: 'fal found no face in the photos.' },
  'content-policy': { retryable: false, message: 'fal refused the photos by its content policy.' },
  'archive-unreachable': { retryable: true, message: 'fal could not fetch the archive of photos.' },
  'unsupported-feature': { retryable: false, message: 'fal does not offer what the training asked for.' },
  'provider-refused': { retryable: false, message: 'fal refused the training.' },
  'provider-error': { retryable: true, message: 'The training broke on the side of fal.' },
  'provider-timeout': { retryable: true, message: 'The training took longer than fal allows.' },
  'provider-start-timeout': { retryable: true, message: 'fal did not start the training in time.' },
  'provider-cancelled': { retryable: true, message: 'The training was cancelled at fal.' },
  'provider-blocked': { retryable: true, message: 'fal let no training in for too long.' },
  'queue-timeout': { retryable: true, message: 'The training waited too long for its turn.' },
  'no-artifact': { retryable: true, message: 'fal reported success without a usable LoRA file.' },
  'result-expired': { retryable: true, message: 'fal finished the training and no longer keeps its result.' },
  'artifact-invalid': { retryable: true, message: 'The file that fal made is not a valid LoRA.' },
  'artifact-unavailable': { retryable: true, message: 'The file that fal made could not be fetched.' },
  'deadline-exceeded': { retryable: true, message: 'fal did not finish the training in time.' },
  'submit-unresolved': { retryable: true, message: 'It could not be found out whether fal took the training.' },
  'photos-missing': { retryable: false, message: 'Photos of the training are missing in the object store.' },
  'preparation-failed': { retryable: false, message: 'The training could not be prepared; fal got no job.' },
  'answer-unusable': { retryable: true, message: 'What fal said of the training could not be stored.' },
} as const satisfies Record<string, { retryable: boolean; message: string }>;
export type FailureCode = keyof typeof failureCodes;

/** Why a training waits before it is let in. */
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

/** @returns why fal lets nothing in, when the account and not the training is the reason; else null */
export function blockedReason(failure: FalFailure): BlockedReason | null {
  return failure.account && blockedBy[failure.account];
}

// The `type` of a 422 detail (fal contract §1.7) → our code. Names of pydantic beyond these are input errors too.
const codeOfType = codes({
  missing: 'invalid-input',
  greater_than_equal: 'invalid-input',
  less_than_equal: 'invalid-input',
  multiple_of: 'invalid-input',
  one_of: 'invalid-input',
  value_error: 'invalid-input',
  'value_error.missing': 'invalid-input',
  int_parsing: 'invalid-input',
  invalid_archive: 'invalid-archive',
  archive_file_count_below_minimum: 'invalid-archive',
  archive_file_count_exceeds_maximum: 'invalid-archive',
  file_download_error: 'archive-unreachable',
  image_too_small: 'invalid-photo',
  image_too_large: 'invalid-photo',
  image_load_error: 'invalid-photo',
  file_too_large: 'invalid-photo',
  face_detection_error: 'no-face-found',
  content_policy_violation: 'content-policy',
  no_media_generated: 'no-artifact',
  feature_not_supported: 'unsupported-feature',
  internal_server_error: 'provider-error',
  downstream_service_error: 'provider-error',
  downstream_service_unavailable: 'provider-error',
  generation_timeout: 'provider-timeout',
});

// `error_type` of an infrastructure error (fal contract §1.7) → our code.
const codeOfErrorType = codes({
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
});

function codes(list: Record<string, FailureCode>): ReadonlyMap<string, FailureCode> {
  return new Map(Object.entries(list));
}

/** @returns our code for what fal said; every documented answer of fal has one */
export function failureCodeOf({
  types,
  errorType,
  status,
}: Pick<FalFailure, 'types' | 'errorType' | 'status'>): FailureCode {
  for (const type of types) {
    const code = codeOfType.get(type);
    if (code) return code;
  }
  if (types.length > 0 && (status === null || status === 422)) return 'invalid-input';
  // A status names a job's own error in the same place as one of the infrastructure.
  const known = errorType && (codeOfErrorType.get(errorType) ?? codeOfType.get(errorType));
  if (known) return known;
  if (status === 499) return 'provider-cancelled';
  if (status === 504) return 'provider-timeout';
  if (status === 422) return 'invalid-input';
  return status !== null && status >= 400 && status < 500 ? 'provider-refused' : 'provider-error';
}

/** @returns whether a failure as fal tells it means that the job was cancelled there */
export function isCancellation(failure: Pick<FalFailure, 'types' | 'errorType' | 'status'>): boolean {
  return failureCodeOf(failure) === 'provider-cancelled';
}

/**
 * @returns whether fal charges for a job that failed so: what its billing header says, else nothing for answers of
 *   500 and above (fal contract §1.7), else unknown
 */
export function chargedFor({ billableUnits, status }: Pick<FalFailure, 'billableUnits' | 'status'>): Charged {
  if (billableUnits !== null) return billableUnits > 0 ? 'yes' : 'no';
  return status !== null && status >= 500 ? 'no' : 'unknown';
}

/** @returns the error of a training that failed for what fal said */
export function errorOfFailure(failure: FalFailure): TrainingError {
  const code = failureCodeOf(failure);
  const { message, retryable } = failureCodes[code];
  return made({
    code,
    message: `${message} ${failure.message}`.trim(),
    detail: failure.detail ?? null,
    retryable: failure.retryable ?? retryable,
    provider_request_id: failure.falRequestId,
  });
}

/** @returns the error of a training that we gave up ourselves */
export function errorOf(
  code: FailureCode,
  detail: Record<string, unknown> | null,
  falRequestId: string | null,
): TrainingError {
  return made({ ...failureCodes[code], code, detail, provider_request_id: falRequestId });
}

/** Characters of JSON that fal's own words may have: they go into an event, and to every webhook endpoint. */
const maxDetailLength = 16_384;
const maxMessageLength = 4000;

// What fal says may hold the address that opens the photos, or the weights, to whoever reads it.
function made(error: {
  code: FailureCode;
  message: string;
  detail: unknown;
  retryable: boolean;
  provider_request_id: string | null;
}): TrainingError {
  const detail = valueWithoutAddresses(error.detail);
  const text = JSON.stringify(detail) ?? 'null';
  return {
    code: error.code,
    message: storableText(withoutAddresses(error.message).slice(0, maxMessageLength)),
    detail: text.length <= maxDetailLength ? detail : { truncated: storableText(text.slice(0, maxDetailLength)) },
    retryable: error.retryable,
    provider_request_id: error.provider_request_id && withoutAddresses(error.provider_request_id),
  } as TrainingError;
}
