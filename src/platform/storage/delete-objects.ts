import { Type } from 'typebox';
import type { Db } from '../db/client.ts';
import { defineJob } from '../jobs/define.ts';
import type { Jobs } from '../jobs/jobs.ts';

const keysPerJob = 500;

/** Deletes objects that no row names any more. It goes on until the store does it, for two weeks at most. */
export const deleteObjectsJob = defineJob({
  name: 'storage.delete',
  data: Type.Object({ keys: Type.Array(Type.String()) }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  run: ({ storage }, { keys }) => storage.delete(keys),
});

/**
 * Asks for the deletion of objects in the transaction that deletes their rows: neither a crash nor a store that is away
 * leaves them behind, and none is deleted whose row stays. Wake the job's topic after the commit.
 * @param startAfter for objects that a job may still be storing: when it can't be any more
 */
export async function enqueueDeletion(
  db: Db,
  jobs: Pick<Jobs, 'enqueue'>,
  keys: readonly string[],
  startAfter?: Date,
): Promise<void> {
  for (let start = 0; start < keys.length; start += keysPerJob) {
    const some = { keys: keys.slice(start, start + keysPerJob) };
    await jobs.enqueue(db, deleteObjectsJob, some, startAfter && { startAfter });
  }
}
