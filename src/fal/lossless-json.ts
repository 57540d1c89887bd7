declare global {
  // Node 24 has it; TypeScript's library does not describe it yet.
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/**
 * Parses JSON as JSON.parse does, except that an integer beyond ±(2^53 − 1) becomes a bigint, so that no digit is lost.
 * fal sends uint64 seeds (fal contract §2.1). Throws SyntaxError when the text is not JSON.
 */
export function parseLossless(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** Writes JSON as JSON.stringify does, a bigint as its digits. Throws TypeError for what is not JSON, as undefined is not. */
export function stringifyLossless(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item,
  );
  if (text === undefined) throw new TypeError('The value has no JSON form.');
  return text;
}

/**
 * Says whether any text within a parsed value, key or string, is one that PostgreSQL's text and jsonb do not take:
 * NUL characters and halves of a surrogate pair.
 */
export function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return isUnstorable(value);
  if (Array.isArray(value)) return value.some(hasUnstorableText);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, item]) => isUnstorable(key) || hasUnstorableText(item));
}

/** Gives the text with every NUL and every half of a surrogate pair replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Gives a copy of a parsed value whose texts, keys too, are all storable. */
export function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storableValue(item)]));
}

function isUnstorable(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}
