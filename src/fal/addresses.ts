/* Every scan is linear: fal's texts may be megabytes without a space. */

const token = /[^\s"'<>]+/g;
// `://`, also with escaped slashes as in nested JSON, or percent-encoded.
const schemeEnd = /:(?:\\?\/){2}|%3a%2f%2f/gi;
const schemeCharacter = /[a-z0-9+.-]/i;
// Links to fal's documentation explain an error and expose no file.
const documentation = /^https?:\/\/(?:docs\.fal\.ai|fal\.ai\/docs)\//i;
const archiveName = /\.zip(?![a-z0-9])/i;

/**
 * Replaces every URL in a text except links to fal's documentation: fal repeats the input in errors, and the URL of the
 * archive gives access to the photos.
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

/** Replaces URLs in all texts and keys of a parsed JSON value, as {@link withoutAddresses} does. */
export function valueWithoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return withoutAddresses(value);
  if (Array.isArray(value)) return value.map(valueWithoutAddresses);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [withoutAddresses(key), valueWithoutAddresses(item)]));
}
