import type { FastifyBaseLogger } from 'fastify';

export type TellFault = (error: unknown, sentence: string, about?: Record<string, string>) => void;

const quietMs = 60_000;

/**
 * Logs an error at once, then once a minute with a count while it persists, since an absent database fails several
 * calls a second.
 * @param now milliseconds of a monotonic clock
 */
export function createFaultLog(
  log: Pick<FastifyBaseLogger, 'error'>,
  now: () => number = () => performance.now(),
): TellFault {
  const told = new Map<string, { at: number; repeats: number }>();
  return (error, sentence, about = {}) => {
    const time = now();
    const key = JSON.stringify([sentence, about, nameOf(error)]);
    const last = told.get(key);
    if (last && time - last.at < quietMs) {
      last.repeats += 1;
      return;
    }
    for (const [other, { at }] of told) if (time - at >= quietMs) told.delete(other);
    told.set(key, { at: time, repeats: 0 });
    log.error({ err: error, ...about, ...(last && last.repeats > 0 && { repeats: last.repeats }) }, sentence);
  };
}

// Grouped by code where there is one: drizzle's message holds varying values. pg-boss emits some errors as plain
// objects.
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause instanceof Error ? nameOf(cause) : String(message);
}
