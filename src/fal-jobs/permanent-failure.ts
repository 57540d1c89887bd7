/** A job that can never be prepared, or whose product can never be used; `code` is a failure of its kind. */
export class PermanentFailure extends Error {
  override name = 'PermanentFailure';
  readonly code: string;
  readonly detail: Record<string, unknown>;
  constructor(code: string, detail: Record<string, unknown>, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
    this.detail = detail;
  }
}
