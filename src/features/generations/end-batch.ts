import type { Tx } from '../../platform/db/transact.ts';
import { publish } from '../events/publish.ts';
import { lockBatch, outcomesOf, updateBatch } from './batch-store.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import type { JobStatus } from '../../platform/db/schema.ts';
import type { Generation } from './store.ts';

/**
 * Ends the batch of a generation that has ended, unless another one of it still runs: in the transaction of the last
 * end, and once. A generation that is repeated or whose late result is accepted does not end its batch again.
 */
export async function endBatchOf(tx: Tx, { batch_id: id, ended_at, sandbox }: Generation): Promise<void> {
  if (id === null || ended_at === null) return;
  // Two last ends at once would each take the other for running: the second waits here, and then counts both.
  const batch = await lockBatch(tx, id);
  if (!batch || batch.ended_at !== null) return;
  const outcome = (await outcomesOf(tx, [id])).get(id);
  if (!outcome) throw new Error(`the batch ${id} has no outcome`);
  const { generations, ...rest } = outcome;
  const isRunning = Object.entries(generations).some(
    ([status, count]) => count > 0 && !isTerminal(status as JobStatus),
  );
  if (isRunning) return;
  await updateBatch(tx, id, { ended_at });
  const { succeeded, failed, cancelled } = generations;
  const { user_id, avatar_id, pack, estimated_cost_usd } = batch;
  await publish(tx, {
    type: 'batch.ended',
    batch_id: id,
    user_id,
    avatar_id,
    data: { pack, generations: { succeeded, failed, cancelled }, ...rest, estimated_cost_usd, sandbox },
  });
}
