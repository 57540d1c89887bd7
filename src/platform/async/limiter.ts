/**
 * Runs tasks with limited concurrency, round robin over owners; each owner has at most one running.
 * @throws the signal's reason when it aborts before the turn comes; what `run` throws
 */
export type FairLimiter = <T>(owner: string, run: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createFairLimiter(concurrency: number): FairLimiter {
  // In the order of the next turns.
  const waiting = new Map<string, (() => void)[]>();
  const running = new Set<string>();

  function begin(): void {
    for (const [owner, queue] of waiting) {
      if (running.size >= concurrency) return;
      if (running.has(owner)) continue;
      const start = queue.shift();
      if (queue.length === 0) waiting.delete(owner);
      running.add(owner);
      start?.();
    }
  }

  function end(owner: string): void {
    running.delete(owner);
    const queue = waiting.get(owner);
    if (queue) {
      waiting.delete(owner);
      waiting.set(owner, queue);
    }
    begin();
  }

  function wait(owner: string, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const start = () => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    };
    const giveUp = () => {
      const queue = waiting.get(owner)?.filter((other) => other !== start) ?? [];
      if (queue.length > 0) waiting.set(owner, queue);
      else waiting.delete(owner);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    waiting.set(owner, [...(waiting.get(owner) ?? []), start]);
    begin();
    return promise;
  }

  return async (owner, run, signal) => {
    await wait(owner, signal);
    try {
      return await run();
    } finally {
      end(owner);
    }
  };
}
