/** A job that can't be made ready, whenever it is tried: `code` is one of its kind's failures. */
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
