import type { Context } from '../context.ts';
import type { RecurringJob } from './define.ts';

// Beyond it a timer of Node fires at once.
const longestTimeoutMs = 2 ** 31 - 1;

export type Recurrence = { stop(): Promise<void> };

/**
 * Runs a recurring job in this process: one run at a time, again at once when there is more, on wake-up or when its
 * time has come. A run that throws is logged and tried again at the next turn.
 */
export function createRecurrence(context: Context, job: RecurringJob, stopping: AbortSignal): Recurrence {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  let woken = true;
  let wake: () => void = () => {};
  const off = context.wakeups.on(job.topic, () => {
    woken = true;
    wake();
  });

  function wait(): Promise<void> {
    if (woken || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(job.everyMs(context.config), longestTimeoutMs));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      woken = false;
      try {
        while (!signal.aborted && (await job.run(context, signal))) continue;
      } catch (error) {
        if (signal.aborted) return;
        context.log.error({ err: error, job: job.name }, 'a recurring job threw and is run again at its next turn');
      }
      await wait();
    }
  }

  const running = loop();
  return {
    async stop() {
      off();
      ended.abort();
      wake();
      await running;
    },
  };
}
