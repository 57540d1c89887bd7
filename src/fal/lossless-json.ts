declare global {
  // Node 24 has it; TypeScript's library does not describe it yet.
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** fal's integers are of 64 bits; one with more digits than this is no number that anything needs whole. */
const maxDigits = 40;

/**
 * Parses JSON as JSON.parse does, except that an integer beyond ±(2^53 − 1) becomes a bigint, so that no digit is lost.
 * fal sends uint64 seeds (fal contract §2.1). Throws SyntaxError when the text is not JSON.
 */
export function parseLossless(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
      return source.length <= maxDigits && /^-?\d+$/.test(source) ? BigInt(source) : value;
    });
  } catch (error) {
    // Values nested some thousands deep exhaust the stack of a reviver, and not that of the parser.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** Writes JSON as JSON.stringify does, a bigint as its digits. Throws TypeError for what is not JSON, as undefined is not. */
export function stringifyLossless(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item,
  );
  if (text === undefined) throw new TypeError('The value has no JSON form.');
  return text;
}

/** Deeper values are taken for an attack on the stack, ours and PostgreSQL's. */
const maxDepth = 500;

/** Says whether a parsed value is nested deeper than what is stored of it; in time linear in the value. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= maxDepth; depth += 1) {
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/**
 * Gives a parsed value as JSON text that PostgreSQL's jsonb takes, whatever is in it: texts and depth as
 * {@link storableValue} makes them, and null for a number that is none in double precision, as 1e200000 is.
 */
export function storableJson(value: unknown): string {
  return stringifyLossless(storableValue(value));
}

/** Gives the text with every NUL and every half of a surrogate pair replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Gives a copy of a parsed value that PostgreSQL takes: texts and keys made storable, what lies too deep made null. */
export function storableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => storableValue(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [storableText(key), storableValue(item, depth + 1)]);
  return Object.fromEntries(entries);
}
