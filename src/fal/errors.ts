import type { FalFailure } from './outcomes.ts';

/**
 * Why a call to fal, or the check of a file from fal, failed.
 * - `refused`: fal answered and refused; `failure` holds its answer.
 * - `unavailable`: no usable answer (connection, timeout, 5xx); retry later.
 * - `invalid_answer`: fal's answer has a shape that the contract does not know.
 * - `gone`: the server says that the file is not there (403, 404, 410); the caller decides how long to retry.
 * - `too_large`: the file exceeds the given limit.
 * - `forbidden_address`: the URL is not https or its host not public.
 * - `invalid_safetensors`: not a well-formed safetensors file.
 * - `aborted`: the caller's signal ended the call.
 */
export type FalErrorCode =
  | 'refused'
  | 'unavailable'
  | 'invalid_answer'
  | 'gone'
  | 'too_large'
  | 'forbidden_address'
  | 'invalid_safetensors'
  | 'aborted';

/** The only error class of this folder. Messages hold no key, token or query string. */
export class FalError extends Error {
  override readonly name = 'FalError';
  readonly code: FalErrorCode;
  readonly failure: FalFailure | null;

  constructor(code: FalErrorCode, message: string, options: { failure?: FalFailure; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.failure = options.failure ?? null;
  }
}
