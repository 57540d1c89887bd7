// Links to fal's own documentation explain an error and lead to nobody's files.
const address = /https?:\/\/(?!docs\.fal\.ai\/|fal\.ai\/docs\/)[^\s"'<>]+|[^\s"'<>]+\.zip(?![a-z0-9])[^\s"'<>]*/gi;

/**
 * Gives the text with every address but one of fal's documentation replaced: fal repeats the input in its errors and may
 * in its logs, and the archive's address opens the photos to whoever reads it.
 */
export function withoutAddresses(text: string): string {
  return text.replace(address, '[url]');
}

/** The same for every text in a parsed JSON value; keys are fal's own and stay. */
export function valueWithoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return withoutAddresses(value);
  if (Array.isArray(value)) return value.map(valueWithoutAddresses);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueWithoutAddresses(item)]));
}
