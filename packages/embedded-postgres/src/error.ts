export type EmbeddedErrorCode =
  | 'unsupported-platform'
  | 'binaries-missing'
  | 'directory-unusable'
  | 'root-unreachable'
  | 'data-version'
  | 'no-space'
  | 'busy'
  | 'start-failed';

/** Why the embedded PostgreSQL cannot run, as one sentence for the terminal. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
