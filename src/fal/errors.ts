import type { FalFailure } from './outcomes.ts';

/**
 * Why a call to fal, or the check of something fal made, ended without what was asked for.
 *
 * - `refused`: fal answered and said no; `failure` holds its answer.
 * - `unavailable`: no usable answer now (connection, time-out, 5xx); trying again later is right.
 * - `invalid_answer`: fal answered in a shape that the contract does not know.
 * - `gone`: the file is no longer there (403, 404, 410); trying again is useless.
 * - `too_large`: the file is larger than the limit given.
 * - `forbidden_address`: the URL is not https, or leads to an address that is not public.
 * - `invalid_safetensors`: the file is not a well-formed safetensors file.
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

/** The one error class of this folder. The message is a sentence and holds no key, no token and no query string. */
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
