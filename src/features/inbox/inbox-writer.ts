import { batched } from '../../platform/async/batch.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import type { NewWebhook } from './store.ts';

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

/**
 * Group commit: webhooks that arrive together share an insert and its flush to disk, and each is acknowledged by that
 * commit. Nothing waits for a batch to fill. fal resends what a crashed process had not committed, and so not
 * acknowledged.
 * @param insert writes webhooks in one transaction
 * @returns a function that resolves once the webhook is committed and may be acknowledged; it throws errors of `insert`
 */
export function createInboxWriter(
  insert: (webhooks: NewWebhook[]) => Promise<void>,
  limits: Partial<InboxLimits> = {},
): (webhook: NewWebhook) => Promise<void> {
  const { inFlight, batchRows, batchBytes } = { ...usual, ...limits };

  function size(waiting: readonly { item: NewWebhook }[]): number {
    let bytes = 0;
    const end = waiting.findIndex(({ item }, index) => {
      bytes += item.body.length;
      return index > 0 && (index >= batchRows || bytes > batchBytes);
    });
    return end === -1 ? waiting.length : end;
  }

  async function write(webhooks: NewWebhook[]): Promise<undefined[]> {
    await insert(webhooks);
    return [];
  }

  // A webhook that PostgreSQL rejects must not fail the others of its batch.
  return batched(write, { inFlight, size, concernsOne: isDeterministic });
}
