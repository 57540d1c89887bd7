import type { FalFailure } from '../../fal/outcomes.ts';
import * as jobs from '../../fal-jobs/failures.ts';
import type { JobError } from '../../platform/db/schema.ts';

/**
 * Why a training failed: a closed list, documented for clients in docs/api.md. `retryable` says whether an unchanged
 * retry may succeed.
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

// `type` of a 422 detail (fal contract §1.7) → our code. Other pydantic names are input errors too.
const codeOfType = new Map<string, FailureCode>(
  Object.entries({
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
  } as const),
);

export const trainingFailures: jobs.Failures<FailureCode> = {
  codes: failureCodes,
  codeOfType,
  product: { missing: 'no-artifact', invalid: 'artifact-invalid', unavailable: 'artifact-unavailable' },
};

export function failureCodeOf(failure: Pick<FalFailure, 'types' | 'errorType' | 'status'>): FailureCode {
  return jobs.failureCodeOf(trainingFailures, failure);
}

export function errorOfFailure(failure: FalFailure): JobError {
  return jobs.errorOfFailure(trainingFailures, failure);
}

/** The error of a training that Likeness itself failed. */
export function errorOf(
  code: FailureCode,
  detail: Record<string, unknown> | null,
  falRequestId: string | null,
): JobError {
  return jobs.errorOf(trainingFailures, code, detail, falRequestId);
}
