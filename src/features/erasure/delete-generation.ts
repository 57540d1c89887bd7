import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { eraseKeptAnswers } from '../../platform/idempotency/erase.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { eraseGenerations } from '../generations/erase.ts';
import { generationStore } from '../generations/store.ts';
import { eraseGenerationWebhooks } from '../inbox/erase.ts';

/**
 * Deletes prompt, images and objects of a generation that has ended; its row remains as a record of what was paid.
 * @throws Problem 404; 409 `invalid-state` while it runs
 */
export async function deleteGeneration(
  context: Pick<Context, 'db' | 'jobs' | 'wakeups'>,
  id: string,
  reach: Origin = {},
): Promise<void> {
  await transact(context, async (tx) => {
    if (!(await generationStore.find(tx, id, reach))) notFound('generation');
    const row = (await generationStore.lock(tx, [id], [])).get(id)?.row ?? notFound('generation');
    if (!isTerminal(row.status)) {
      throw new Problem('invalid-state', `The generation is ${row.status}: cancel it, or wait for its end.`, {
        extensions: { generation_id: id, generation_status: row.status },
      });
    }
    await eraseGenerationWebhooks(tx, id);
    await enqueueDeletion(tx, context.jobs, await eraseGenerations(tx, { generationId: id }));
    await eraseKeptAnswers(tx, [id]);
  });
}
