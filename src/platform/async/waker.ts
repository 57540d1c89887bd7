import { longestTimeoutMs } from './timeout.ts';

/** Lets one loop wait for what others announce. */
export type Waker = {
  wake(): void;
  /**
   * Resolves when woken, at once when that was since the last wait, or after `ms` milliseconds.
   * @returns whether it was woken
   */
  wait(ms?: number): Promise<boolean>;
};

export function createWaker(): Waker {
  let isWoken = false;
  let stopWaiting = () => {};
  return {
    wake() {
      isWoken = true;
      stopWaiting();
    },
    async wait(ms) {
      if (!isWoken) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = ms === undefined ? undefined : setTimeout(resolve, Math.min(ms, longestTimeoutMs));
        stopWaiting = resolve;
        await promise;
        clearTimeout(timer);
      }
      const wasWoken = isWoken;
      isWoken = false;
      return wasWoken;
    },
  };
}
