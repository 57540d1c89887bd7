/** A job that can never be prepared; `code` is a failure of its kind. */
export class Unpreparable extends Error {
  override name = 'Unpreparable';
  readonly code: string;
  readonly detail: Record<string, unknown>;
  constructor(code: string, detail: Record<string, unknown>, cause: Error) {
    super(cause.message, { cause });
    this.code = code;
    this.detail = detail;
  }
}
