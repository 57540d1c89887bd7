import { isDeterministic } from '../../platform/db/faults.ts';
import type { NewWebhook } from './store.ts';

export type InboxWriter = {
  /**
   * Resolves once the webhook is committed, which is when it may be acknowledged.
   * @throws whatever the insert throws
   */
  add(webhook: NewWebhook): Promise<void>;
};

export type InboxLimits = {
  /** Inserts that run at a time. While they do, what arrives gathers for the next. */
  inFlight: number;
  /** The most that one insert takes; a single webhook may be larger. */
  batchRows: number;
  batchBytes: number;
};

// Two inserts keep PostgreSQL's disk busy while the next gathers; more of them only make the groups smaller.
const usual: InboxLimits = {
  inFlight: 2,
  batchRows: 200,
  batchBytes: 8 * 1024 * 1024,
};

type Entry = { webhook: NewWebhook; resolve: () => void; reject: (error: unknown) => void };

/**
 * Group commit: webhooks that arrive at the same time share one insert and its flush to the disk, and each is
 * acknowledged by the commit that holds it. Nothing waits for company; a lone webhook is written at once. What a dying
 * process had not committed it had not acknowledged either, and fal sends it again.
 * @param insert writes webhooks in one transaction
 */
export function createInboxWriter(
  insert: (webhooks: NewWebhook[]) => Promise<void>,
  limits: Partial<InboxLimits> = {},
): InboxWriter {
  const { inFlight, batchRows, batchBytes } = { ...usual, ...limits };
  let waiting: Entry[] = [];
  let running = 0;

  function takeBatch(): Entry[] {
    let size = 0;
    const end = waiting.findIndex(({ webhook }, index) => {
      size += webhook.body.length;
      return index > 0 && (index >= batchRows || size > batchBytes);
    });
    if (end === -1) return waiting.splice(0);
    return waiting.splice(0, end);
  }

  function start(): void {
    while (running < inFlight && waiting.length > 0) {
      running += 1;
      void write(takeBatch()).finally(() => {
        running -= 1;
        start();
      });
    }
  }

  async function write(batch: Entry[]): Promise<void> {
    try {
      await insert(batch.map(({ webhook }) => webhook));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      // One that PostgreSQL does not take must not have the others sent again for ever.
      if (batch.length > 1 && isDeterministic(error)) await Promise.all(batch.map((entry) => write([entry])));
      else for (const { reject } of batch) reject(error);
    }
  }

  return {
    add(webhook) {
      return new Promise((resolve, reject) => {
        waiting.push({ webhook, resolve, reject });
        start();
      });
    },
  };
}
