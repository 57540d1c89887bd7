/** How often the application of one webhook is tried by a process before it is set aside. */
const triesMax = 6;
const longestGapMs = 30_000;
// One that another process has drained meanwhile is never asked about again here.
const keptMax = 1000;

/**
 * Webhooks that the database could not apply for now: they are tried again after growing gaps, and hold up none of those
 * behind them.
 * @param firstGapMs the gap after the first try; each is twice the one before, to half a minute
 */
export function createPostponed(firstGapMs: number) {
  const kept = new Map<string, { tries: number; until: number }>();
  return {
    /** @returns the ids of those whose gap has not passed */
    ids: (now = Date.now()): string[] => [...kept].flatMap(([id, { until }]) => (until > now ? [id] : [])),
    /** @returns whether it is tried again; false when it was tried often enough */
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
