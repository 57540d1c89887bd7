import type { FastifyBaseLogger } from 'fastify';

/** Tells of a fault, with what it is about. */
export type TellFault = (error: unknown, sentence: string, about?: Record<string, string>) => void;

const quietMs = 60_000;

/**
 * Tells of a fault at once, and while it lasts once a minute, with how often it came since: all who ask a database that is
 * away, several times a second, would fill the log with one sentence.
 * @param now milliseconds by a clock that never goes back
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

// A code where there is one: what drizzle says of a failed statement has other values each time. pg-boss tells of some
// errors by a plain object.
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause instanceof Error ? nameOf(cause) : String(message);
}
