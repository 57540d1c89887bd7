import { ConnectionError, ProblemError } from './errors.ts';
import { wait } from './wait.ts';

const firstGapMs = 500;
const longestGapMs = 8000;
/** Whoever is told to wait longer is told so by the error; a call doesn't hang for minutes. */
const longestRetryAfterSeconds = 60;
// 502 and 504 are a proxy's words for a service that starts anew.
const passing = new Set([429, 502, 503, 504]);

/** @returns whether the same request may well be answered otherwise in a while */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  // The first of two requests with one key is still running; the second gets its answer when it comes again.
  return error instanceof ProblemError && (passing.has(error.status) || error.code === 'idempotency-in-progress');
}

/**
 * Does something again when it failed for a reason that passes: after `Retry-After` where the service names it, else
 * after gaps that double, of random length so that many clients don't come at once.
 * @param retries how often, after the first time
 * @throws what the last try threw; the signal's reason when it is aborted
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

/** @returns milliseconds to wait after so many failures, at random between half and the whole of a doubling gap */
export function gapMs(failures: number): number {
  return Math.min(longestGapMs, firstGapMs * 2 ** failures) * (0.5 + Math.random() / 2);
}
