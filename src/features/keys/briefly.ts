/**
 * @param load looks something up by name
 * @param forMs how long an answer is kept, counted from before the lookup, in milliseconds
 * @param most how many answers are kept
 * @returns the same lookup, made once for everybody who asks within that time; one that failed is not kept
 */
export function briefly<T>(
  load: (name: string) => Promise<T>,
  { forMs, most }: { forMs: number; most: number },
): (name: string) => Promise<T> {
  const lookups = new Map<string, { found: Promise<T>; until: number }>();
  return (name) => {
    const now = performance.now();
    const kept = lookups.get(name);
    if (kept && kept.until > now) return kept.found;
    // Whoever sends names at random fills the table; forgetting all of it costs each client one query.
    if (lookups.size >= most) lookups.clear();
    const found = load(name);
    lookups.set(name, { found, until: now + forMs });
    found.catch(() => lookups.delete(name));
    return found;
  };
}
