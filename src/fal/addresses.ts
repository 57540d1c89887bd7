/* Every scan here is linear in its text: fal's texts may be megabytes without a space. */

const token = /[^\s"'<>]+/g;
// `://`, also with its slashes escaped as in JSON inside a text, or percent-encoded as in a query.
const schemeEnd = /:(?:\\?\/){2}|%3a%2f%2f/gi;
const schemeCharacter = /[a-z0-9+.-]/i;
// Links to fal's own documentation explain an error and lead to nobody's files.
const documentation = /^https?:\/\/(?:docs\.fal\.ai|fal\.ai\/docs)\//i;
const archiveName = /\.zip(?![a-z0-9])/i;

/**
 * Gives the text with every address but one of fal's documentation replaced: fal repeats the input in its errors and may
 * in its logs, and the archive's address opens the photos to whoever reads it.
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

/** Does the same to every text and key in a parsed JSON value. */
export function valueWithoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return withoutAddresses(value);
  if (Array.isArray(value)) return value.map(valueWithoutAddresses);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [withoutAddresses(key), valueWithoutAddresses(item)]));
}
