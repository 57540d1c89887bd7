import { isDeterministic } from '../../platform/db/faults.ts';
import type { NewWebhook } from './store.ts';

export type InboxWriter = {
  /** Resolves once the webhook is committed and may be acknowledged. @throws errors of the insert */
  add(webhook: NewWebhook): Promise<void>;
};

export type InboxLimits = {
  /** Concurrent inserts; arrivals during them form the next batch. */
  inFlight: number;
  /** Limits of a batch; a single webhook may exceed `batchBytes`. */
  batchRows: number;
  batchBytes: number;
};

// Two inserts keep PostgreSQL's disk busy; more only make the batches smaller.
const usual: InboxLimits = {
  inFlight: 2,
  batchRows: 200,
  batchBytes: 8 * 1024 * 1024,
};

type Entry = { webhook: NewWebhook; resolve: () => void; reject: (error: unknown) => void };

/**
 * Group commit: webhooks that arrive together share an insert and its flush to disk, and each is acknowledged by that
 * commit. Nothing waits for a batch to fill. fal resends what a crashed process had not committed, and so not
 * acknowledged.
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
      // A webhook that PostgreSQL rejects must not fail the others of its batch.
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
