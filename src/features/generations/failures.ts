import type { Failures } from '../../fal-jobs/failures.ts';

/**
 * Why a generation failed: a closed list, documented for clients in docs/api.md. `retryable` says whether repeating it
 * may succeed.
 */
export const failureCodes = {
  'invalid-input': { retryable: false, message: 'fal refused a setting of the generation.' },
  'content-policy': { retryable: false, message: 'fal refused the prompt by its content policy.' },
  'all-images-flagged': {
    retryable: true,
    message: 'The safety checker of fal gave no picture at all: repeat it with another seed.',
  },
  'no-image': { retryable: true, message: 'fal reported success without an image.' },
  'lora-unreachable': { retryable: true, message: 'fal could not fetch the weights of the avatar.' },
  'lora-refused': { retryable: false, message: 'fal could not use the weights of the avatar.' },
  'lora-unavailable': { retryable: false, message: 'The weights of the avatar are missing in the object store.' },
  'image-invalid': { retryable: true, message: 'What fal made is not an image that can be used.' },
  'image-unavailable': { retryable: true, message: 'The images that fal made could not be fetched.' },
  'unsupported-feature': { retryable: false, message: 'fal does not offer what the generation asked for.' },
  'provider-refused': { retryable: false, message: 'fal refused the generation.' },
  'provider-error': { retryable: true, message: 'The generation broke on the side of fal.' },
  'provider-timeout': { retryable: true, message: 'The generation took longer than fal allows.' },
  'provider-start-timeout': { retryable: true, message: 'fal did not start the generation in time.' },
  'provider-cancelled': { retryable: true, message: 'The generation was cancelled at fal.' },
  'provider-blocked': { retryable: true, message: 'fal let no generation in for too long.' },
  'queue-timeout': { retryable: true, message: 'The generation waited too long for its turn.' },
  'result-expired': { retryable: true, message: 'fal finished the generation and no longer keeps its result.' },
  'deadline-exceeded': { retryable: true, message: 'fal did not finish the generation in time.' },
  'submit-unresolved': { retryable: true, message: 'It could not be found out whether fal took the generation.' },
  'preparation-failed': { retryable: false, message: 'The generation could not be prepared; fal got no job.' },
  'answer-unusable': { retryable: true, message: 'What fal said of the generation could not be stored.' },
} as const satisfies Record<string, { retryable: boolean; message: string }>;
export type FailureCode = keyof typeof failureCodes;

// `type` of a 422 detail (fal contract §1.7) → our code. Other pydantic names are input errors too.
const codeOfType = new Map<string, FailureCode>(
  Object.entries({
    file_download_error: 'lora-unreachable',
    // Of our input only the LoRA is judged by what is in it.
    value_error: 'lora-refused',
    content_policy_violation: 'content-policy',
    no_media_generated: 'no-image',
    feature_not_supported: 'unsupported-feature',
    internal_server_error: 'provider-error',
    downstream_service_error: 'provider-error',
    downstream_service_unavailable: 'provider-error',
    generation_timeout: 'provider-timeout',
  } as const),
);

export const generationFailures: Failures<FailureCode> = {
  codes: failureCodes,
  codeOfType,
  product: { missing: 'no-image', invalid: 'image-invalid', unavailable: 'image-unavailable' },
};
