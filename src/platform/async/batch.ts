export type BatchLimits<In> = {
  /** Runs under way at once. Two keep a round trip or a disk busy while the next batch forms; more make batches smaller. */
  inFlight?: number;
  /** @returns how many of those that wait the next batch takes, 1 at least */
  size?: (waiting: readonly { item: In }[]) => number;
  /** Whether an error is about single items: those of a batch are then run one by one, so that each fails alone. */
  concernsOne?: (error: unknown) => boolean;
};

type Entry<In, Out> = { item: In; resolve: (value: Out) => void; reject: (error: unknown) => void };

/**
 * Batches simultaneous calls into shared runs. A lone call runs at once; calls that arrive while runs are under way form
 * the next. Each item is passed on after its call, so that a read sees its caller's earlier writes.
 * @param run returns what comes of each item, in their order; when it throws, the call of every item in it throws
 */
export function batched<In, Out>(
  run: (items: In[]) => Promise<readonly Out[]>,
  { inFlight = 2, size = (waiting) => waiting.length, concernsOne = () => false }: BatchLimits<In> = {},
): (item: In) => Promise<Out> {
  const waiting: Entry<In, Out>[] = [];
  let running = 0;

  function start(): void {
    while (running < inFlight && waiting.length > 0) {
      const batch = waiting.splice(0, size(waiting));
      running += 1;
      void finish(batch).finally(() => {
        running -= 1;
        start();
      });
    }
  }

  async function finish(batch: Entry<In, Out>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Out));
    } catch (error) {
      if (batch.length > 1 && concernsOne(error)) await Promise.all(batch.map((entry) => finish([entry])));
      else for (const { reject } of batch) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      start();
    });
}
