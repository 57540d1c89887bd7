/** Tries per process before a webhook is quarantined. */
const triesMax = 6;
const longestGapMs = 30_000;
// Entries that another process has drained are never removed otherwise.
const keptMax = 1000;

/**
 * Webhooks that the database could not apply: retried with exponential backoff, without delaying those behind them.
 * @param firstGapMs the first gap; it doubles up to half a minute
 */
export function createPostponed(firstGapMs: number) {
  const kept = new Map<string, { tries: number; until: number }>();
  return {
    ids: (now = Date.now()): string[] => [...kept].flatMap(([id, { until }]) => (until > now ? [id] : [])),
    /** Records a failure. @returns whether to retry; false after the last try */
    note(id: string, now = Date.now()): boolean {
      const tries = (kept.get(id)?.tries ?? 0) + 1;
      kept.delete(id);
      const [oldest] = kept.keys();
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest);
      kept.set(id, { tries, until: now + Math.min(firstGapMs * 2 ** (tries - 1), longestGapMs) });
      return tries < triesMax;
    },
    forget: (id: string) => void kept.delete(id),
  };
}

export type Postponed = ReturnType<typeof createPostponed>;
