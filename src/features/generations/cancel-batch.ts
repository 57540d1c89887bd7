import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { advanceIn, logAdvance } from '../../fal-jobs/advance.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { type Batch, findBatch, findUnfinishedOf, lockBatch, updateBatch } from './batch-store.ts';
import { generationKind } from './kind.ts';

/**
 * Requests the cancellation of what has not ended: generations that fal does not have yet end at once, free; of the
 * others fal decides, and those whose images are being fetched are completed. Idempotent.
 * @throws Problem 404; 409 `invalid-state` when the batch has ended and nobody had asked to cancel it
 */
export async function cancelBatch(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  id: string,
  { requestId, ...reach }: Origin = {},
): Promise<Batch> {
  const signal: Signal = { kind: 'cancel' };
  const { batch, advances } = await transact(context, async (tx) => {
    if (!(await findBatch(tx, id, reach))) notFound('batch');
    const steps = (await findUnfinishedOf(tx, id)).map((generation) => ({ id: generation, signal }));
    const advances = await advanceIn(tx, context, generationKind, steps, requestId);
    const batch = (await lockBatch(tx, id)) ?? notFound('batch');
    if (batch.cancel_requested_at !== null) return { batch, advances };
    if (steps.length === 0) throw ended(id);
    return { batch: await updateBatch(tx, id, { cancel_requested_at: new Date() }), advances };
  });
  for (const advance of advances) if (advance?.changed) logAdvance(context, generationKind, advance, signal);
  return batch;
}

function ended(id: string): Problem {
  return new Problem('invalid-state', 'The batch has ended, so it can’t be cancelled.', {
    extensions: { batch_id: id },
  });
}
