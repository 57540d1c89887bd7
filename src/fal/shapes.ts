export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whether a request id is safe in a path and a column; fal's are UUIDs, but nothing promises that. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:~-]{1,255}$/.test(value) && !/^\.+$/.test(value);
}

export function requestIdOrNull(value: unknown): string | null {
  return isRequestId(value) ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function dateOrNull(value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
