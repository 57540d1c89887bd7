import { setTimeout as delay } from 'node:timers/promises';
import { type JobStatus, terminalJobStatuses } from '../platform/db/schema.ts';

const lookEveryMs = 500;

export const watchExitCodes = { succeeded: 0, notFound: 1, notSucceeded: 2, interrupted: 130 };

/** @param noun such as `training` */
export function watchSummary(noun: string): string {
  const { succeeded, notSucceeded, notFound } = watchExitCodes;
  return `follow a ${noun} to its end; exit code ${succeeded} for success, ${notSucceeded} for another end, ${notFound} for an unknown ${noun}`;
}

export const watchFlags = {
  json: { type: 'boolean', default: false, description: 'print one JSON object a line, at each change' },
} as const;

type Job = { status: JobStatus; updated_at: string };

/**
 * Shows a paid job now and after each change, until it ends or the process is interrupted.
 * @param read reads the job; throws Problem `not-found`
 * @returns the job as it was last seen, and the exit code
 */
export async function watchJob<T extends Job>(
  read: () => Promise<T>,
  show: (job: T) => void,
): Promise<{ last: T; exitCode: number }> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    let last = await read();
    show(last);
    while (!hasEnded(last)) {
      await delay(lookEveryMs, undefined, { signal: interrupted.signal }).catch(() => undefined);
      if (interrupted.signal.aborted) return { last, exitCode: watchExitCodes.interrupted };
      const now = await read();
      if (now.updated_at !== last.updated_at) show(now);
      last = now;
    }
    return { last, exitCode: last.status === 'succeeded' ? watchExitCodes.succeeded : watchExitCodes.notSucceeded };
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function hasEnded({ status }: Job): boolean {
  return terminalJobStatuses.some((terminal) => terminal === status);
}
