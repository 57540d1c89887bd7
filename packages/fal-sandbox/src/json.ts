/** A JSON value; `bigint` is an integer beyond JavaScript's numbers. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Takes JSON text and gives the object it holds, or null when it is anything else or no JSON at all. Integers that a
 * number cannot hold become bigints, since Python reads them exactly.
 */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text, exactInteger);
    // JSON.parse returns nothing that is not Json.
    return isRecord(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

function exactInteger(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !source) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Compact JSON, as fal's model servers write results; a bigint digit by digit. */
export function compactJson(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${compactJson(item)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

export function stringOf(object: JsonObject, name: string): string | null {
  const value = object[name];
  return typeof value === 'string' ? value : null;
}
