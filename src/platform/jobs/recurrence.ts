import { limits } from '../../limits.ts';
import { withTimeout } from '../async/timeout.ts';
import { createWaker } from '../async/waker.ts';
import type { RecurringJob, Slots } from './define.ts';
import type { TellFault } from './fault-log.ts';
import type { Wakeups } from './wakeups.ts';

export type Recurrence = { stop(): Promise<void> };

type Options = { wakeups: Pick<Wakeups, 'on'>; stopping: AbortSignal; tellFault: TellFault; limitMs?: number };

/**
 * Runs a recurring job in this process: one run at a time, again at once while there is more, on wake-up, and at
 * intervals; a job with slots runs only while one is free, and what woke it meanwhile is made good when one is. What
 * fails, or does not end within its limit, is logged and waits for the next turn; the signal of what is late is aborted.
 * Work is claimed in SQL, so that a next run beside it does no harm. Stopping waits for work in slots too.
 * @param options.limitMs how long a run or the work in a slot may take, in milliseconds; as limits.ts says when left out
 */
export function createRecurrence<C>(
  context: C,
  job: RecurringJob<C>,
  { wakeups, stopping, tellFault, limitMs = limits.recurringRun.ms }: Options,
): Recurrence {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  const waker = createWaker();
  const off = job.topic && wakeups.on(job.topic, waker.wake);
  const taken = new Set<Promise<void>>();
  let isHeldUp = false;

  async function limited<T>(what: string, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    return withTimeout(ms, work(AbortSignal.any([signal, late.signal])), () => {
      const error = new Error(`${what} did not end within ${ms / 1000} s`);
      late.abort(error);
      return error;
    });
  }

  const slots: Slots = {
    get free() {
      return (job.slots ?? 0) - taken.size;
    },
    begin(work, ms = limitMs) {
      const one = limited('work in a slot', ms, work)
        .catch((error: unknown) => {
          tellFault(error, 'work of a recurring job failed', { job: job.name });
          return false;
        })
        .then((isMore) => {
          taken.delete(one);
          if (isMore || isHeldUp) waker.wake();
        });
      taken.add(one);
    },
  };
  const runner = job.start(context, signal);

  async function runWhileMore(isWoken: boolean): Promise<void> {
    let isMore = isWoken;
    do {
      if (job.slots !== undefined && slots.free === 0) {
        // A turn by the clock alone is left out: the next one comes as well.
        isHeldUp ||= isMore;
        return;
      }
      isHeldUp = false;
      isMore = await limited('a run', limitMs, (aborted) => runner.run(aborted, slots));
    } while (isMore && !signal.aborted);
  }

  async function loop(): Promise<void> {
    for (let isWoken = true; !signal.aborted; ) {
      try {
        await runWhileMore(isWoken);
      } catch (error) {
        if (signal.aborted) return;
        tellFault(error, 'a recurring job threw and is run again at its next turn', { job: job.name });
      }
      if (!signal.aborted) isWoken = await waker.wait(job.everyMs(context));
    }
  }

  const running = loop();
  return {
    async stop() {
      off?.();
      ended.abort();
      waker.wake();
      await running;
      await Promise.all(taken);
      await runner.close?.();
    },
  };
}
