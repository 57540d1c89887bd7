import { ConnectionError, ProblemError } from './errors.ts';
import { wait } from './wait.ts';

const firstGapMs = 500;
const longestGapMs = 8000;
/** For a longer Retry-After the call fails at once, with the delay in its error. */
const longestRetryAfterSeconds = 60;
// A proxy answers 502 and 504 while the service restarts.
const passing = new Set([429, 502, 503, 504]);

/** Whether a retry may succeed. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  // Another request with this key is still running; a retry gets its response.
  return error instanceof ProblemError && (passing.has(error.status) || error.code === 'idempotency-in-progress');
}

/**
 * Retries temporary failures: after `Retry-After`, or else with exponential backoff and jitter.
 * @param retries after the first try
 * @throws the error of the last try; the signal's reason when it aborts
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, signal }: { retries: number; signal?: AbortSignal | null | undefined },
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= retries || signal?.aborted || !isPassing(error)) throw error;
      const asked = error instanceof ProblemError ? error.retryAfterSeconds : undefined;
      if (asked !== undefined && asked > longestRetryAfterSeconds) throw error;
      await wait(asked === undefined ? gapMs(tries) : asked * 1000 + Math.random() * firstGapMs, signal);
    }
  }
}

/** Milliseconds before a retry: random between half and all of a gap that doubles. */
export function gapMs(failures: number): number {
  return Math.min(longestGapMs, firstGapMs * 2 ** failures) * (0.5 + Math.random() / 2);
}
