/**
 * Caches a lookup by name. Concurrent calls share one load; failures are not cached.
 * @param ttlMs milliseconds, counted from before the load
 * @param most entries
 */
export function ttlCache<T>(
  load: (name: string) => Promise<T>,
  { ttlMs, most }: { ttlMs: number; most: number },
): (name: string) => Promise<T> {
  const lookups = new Map<string, { found: Promise<T>; until: number }>();
  return (name) => {
    const now = performance.now();
    const kept = lookups.get(name);
    if (kept && kept.until > now) return kept.found;
    // Random names fill the table; clearing it costs each client one query.
    if (lookups.size >= most) lookups.clear();
    const found = load(name);
    lookups.set(name, { found, until: now + ttlMs });
    found.catch(() => lookups.delete(name));
    return found;
  };
}
