import { limits } from '../../limits.ts';
import { createWaker } from '../async/waker.ts';
import { withTimeout } from '../async/timeout.ts';
import type { Places, RecurringJob } from './define.ts';
import type { TellFault } from './fault-log.ts';
import type { Wakeups } from './wakeups.ts';

export type Recurrence = { stop(): Promise<void> };

/**
 * Runs a recurring job in this process: one run at a time, again at once while there is more, on wake-up, and at
 * intervals. A failed run is logged and repeated at the next turn; so is one that does not end within its limit,
 * whose signal is aborted. Work is claimed in SQL, so that a next run beside it does no harm. Stopping waits for work in
 * slots too.
 * @param options.limitMs how long a run may take, in milliseconds; as limits.ts says when left out
 */
export function createRecurrence<C>(
  context: C,
  job: RecurringJob<C>,
  {
    wakeups,
    stopping,
    tellFault,
    limitMs = limits.recurringRun.ms,
  }: { wakeups: Pick<Wakeups, 'on'>; stopping: AbortSignal; tellFault: TellFault; limitMs?: number },
): Recurrence {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  const waker = createWaker();
  const off = job.topic && wakeups.on(job.topic, waker.wake);
  const places = createPlaces(job.places ?? 0, waker.wake, (error) => {
    tellFault(error, 'work of a recurring job failed', { job: job.name });
  });

  async function runOnce(): Promise<boolean> {
    const late = new AbortController();
    const run = job.run(context, AbortSignal.any([signal, late.signal]), places);
    if (job.isEndless) return run;
    return withTimeout(limitMs, run, () => {
      const error = new Error(`a run did not end within ${limitMs / 1000} s`);
      late.abort(error);
      return error;
    });
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        while (!signal.aborted && (await runOnce())) continue;
      } catch (error) {
        if (signal.aborted) return;
        tellFault(error, 'a recurring job threw and is run again at its next turn', { job: job.name });
      }
      if (!signal.aborted) await waker.wait(job.everyMs(context));
    }
  }

  const running = loop();
  return {
    async stop() {
      off?.();
      ended.abort();
      waker.wake();
      await running;
      await places.ended();
    },
  };
}

/** @param freed called when a slot becomes free after all were taken */
function createPlaces(count: number, freed: () => void, failed: (error: unknown) => void) {
  const taken = new Set<Promise<void>>();
  return {
    get free() {
      return count - taken.size;
    },
    begin(work: () => Promise<void>) {
      const one: Promise<void> = work()
        .catch(failed)
        .finally(() => {
          const wasFull = taken.size === count;
          taken.delete(one);
          if (wasFull) freed();
        });
      taken.add(one);
    },
    ended: async () => void (await Promise.all(taken)),
  } satisfies Places & { ended(): Promise<void> };
}
