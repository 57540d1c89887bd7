/* Every scan is linear: fal's texts may be megabytes without a space. */

const token = /[^\s"'<>]+/g;
// `://`, also with slashes escaped as in nested JSON, or percent-encoded.
const schemeEnd = /:(?:\\?\/){2}|%3a%2f%2f/gi;
const schemeCharacter = /[a-z0-9+.-]/i;
// Links to fal's documentation explain an error and expose no file.
const documentation = /^https?:\/\/(?:docs\.fal\.ai|fal\.ai\/docs)\//i;
const archiveName = /\.zip(?![a-z0-9])/i;

/**
 * Replaces every address in a text, but for links to fal's documentation. fal repeats the input in errors and perhaps
 * in logs, and the archive's address opens the photos to every reader.
 */
export function withoutAddresses(text: string): string {
  return text.replace(token, (word) => {
    if (archiveName.test(word)) return '[url]';
    const start = startOfAddress(word);
    return start === null ? word : `${word.slice(0, start)}[url]`;
  });
}

function startOfAddress(word: string): number | null {
  for (const { index } of word.matchAll(schemeEnd)) {
    let start = index;
    while (start > 0 && schemeCharacter.test(word.charAt(start - 1))) start -= 1;
    if (!documentation.test(word.slice(start, start + 30))) return start;
  }
  return null;
}

/** Replaces addresses in every text and key of a parsed JSON value. */
export function valueWithoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return withoutAddresses(value);
  if (Array.isArray(value)) return value.map(valueWithoutAddresses);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [withoutAddresses(key), valueWithoutAddresses(item)]));
}
