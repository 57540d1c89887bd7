import { Type } from 'typebox';
import type { Tx } from '../db/transact.ts';
import { defineJob } from '../jobs/define.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Storage } from './storage.ts';

const keysPerJob = 500;

/** Deletes objects that no row names any more; retried for up to two weeks. */
export const deleteObjectsJob = defineJob({
  name: 'storage.delete',
  data: Type.Object({ keys: Type.Array(Type.String()) }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  run: ({ storage }: { storage: Pick<Storage, 'delete'> }, { keys }) => storage.delete(keys),
});

/**
 * Queues the deletion of objects in the transaction that deletes their rows, so that neither a crash nor a store that
 * is away leaves objects behind.
 * @param startAfter for objects that a running job may still store: when it no longer can
 */
export async function enqueueDeletion(
  tx: Tx,
  jobs: Pick<Jobs, 'enqueue'>,
  keys: readonly string[],
  startAfter?: Date,
): Promise<void> {
  for (let start = 0; start < keys.length; start += keysPerJob) {
    const some = { keys: keys.slice(start, start + keysPerJob) };
    await jobs.enqueue(tx, deleteObjectsJob, some, startAfter && { startAfter });
  }
}
