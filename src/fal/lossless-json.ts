declare global {
  // In Node 24, not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** fal's integers have 64 bits; longer ones need not be exact. */
const maxDigits = 40;

/**
 * JSON.parse, except that an integer beyond ±(2^53 − 1) becomes a bigint: fal sends uint64 seeds (fal contract §2.1).
 * @throws SyntaxError when the text is not JSON
 */
export function parseLossless(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
      return source.length <= maxDigits && /^-?\d+$/.test(source) ? BigInt(source) : value;
    });
  } catch (error) {
    // Deep nesting exhausts the stack of a reviver, not that of the parser.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** JSON.stringify with bigints as digits. @throws TypeError for what is not JSON, such as undefined */
export function stringifyLossless(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item,
  );
  if (text === undefined) throw new TypeError('The value has no JSON form.');
  return text;
}

/** Deeper values could exhaust our stack, or PostgreSQL's. */
const maxDepth = 500;

/** Takes linear time. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= maxDepth; depth += 1) {
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** JSON text that PostgreSQL's jsonb accepts: {@link storableValue}, and null for numbers beyond double precision. */
export function storableJson(value: unknown): string {
  return stringifyLossless(storableValue(value));
}

/** Replaces NUL and lone surrogates by U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** A copy that PostgreSQL accepts: storable texts and keys; null for values nested too deeply. */
export function storableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => storableValue(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [storableText(key), storableValue(item, depth + 1)]);
  return Object.fromEntries(entries);
}
