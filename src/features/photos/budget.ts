export type Budget = {
  /** @returns milliseconds until the owner may spend again; 0 when that is now */
  waitMs(owner: string): number;
  spend(owner: string, amount: number): void;
};

/**
 * What each owner may spend in a window of time, which begins with the first that is spent.
 * @param limit what may be spent in a window; what begins within it may go beyond
 * @param windowMs its length
 * @param now the clock, in milliseconds
 */
export function createBudget(limit: number, windowMs: number, now: () => number = () => performance.now()): Budget {
  // Oldest window first, so that those that have ended are found without looking at the others.
  const windows = new Map<string, { endsAt: number; spent: number }>();

  function forgetEnded(): void {
    for (const [owner, { endsAt }] of windows) {
      if (endsAt > now()) return;
      windows.delete(owner);
    }
  }

  return {
    waitMs(owner) {
      forgetEnded();
      const window = windows.get(owner);
      return window && window.spent >= limit ? window.endsAt - now() : 0;
    },
    spend(owner, amount) {
      forgetEnded();
      const window = windows.get(owner);
      if (window) window.spent += amount;
      else windows.set(owner, { endsAt: now() + windowMs, spent: amount });
    },
  };
}
