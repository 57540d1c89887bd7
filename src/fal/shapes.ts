/** Says whether a parsed value is an object with fields, and neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Gives the text when the value is one that is not empty, else null. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Says whether a request id can stand in a path and a column as it is. fal's are UUIDs, but nothing promises that. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:~-]{1,255}$/.test(value) && !/^\.+$/.test(value);
}

/** Gives the request id when the value is one, else null. */
export function requestIdOrNull(value: unknown): string | null {
  return isRequestId(value) ? value : null;
}

/** Gives the number when the value is a finite one, else null. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Gives the instant when the value is text that names one, else null. */
export function dateOrNull(value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Parses JSON; gives undefined, which no JSON text parses to, when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
