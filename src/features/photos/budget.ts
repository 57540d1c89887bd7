export type Budget = {
  waitMs(owner: string): number;
  spend(owner: string, amount: number): void;
};

/**
 * A fixed-window budget per owner; a window begins with the owner's first spending.
 * @param limit per window; the last spending may exceed it
 * @param now the clock, in milliseconds
 */
export function createBudget(limit: number, windowMs: number, now: () => number = () => performance.now()): Budget {
  // Oldest window first, so that expired ones are found at the front.
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
