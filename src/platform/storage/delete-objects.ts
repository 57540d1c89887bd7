import type { BaseLogger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { Type } from 'typebox';
import type { Tx } from '../db/transact.ts';
import { defineJob } from '../jobs/define.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { counterIn } from '../metrics/counter.ts';
import type { Storage } from './storage.ts';

const keysPerJob = 500;

type DeletionContext = {
  storage: Pick<Storage, 'delete'>;
  metrics: Registry;
  log: Pick<BaseLogger, 'info' | 'warn'>;
};

/** Deletions that found no object, by why. */
export function notDeletedCounter(registry: Registry): Counter<'reason'> {
  return counterIn(registry, {
    name: 'likeness_storage_not_deleted_total',
    help: 'Keys of deleted rows of which no object was deleted: absent from the store, or unusable as a path in it.',
    labels: { reason: ['absent', 'unusable'] },
  });
}

/**
 * Deletes objects that no row names any more; retried for up to two weeks. Keys of the earlier system may lead out of the
 * store or begin with a bucket: nothing is deleted for them, and the log says how many there were. It names none, since
 * such keys may hold names of people.
 */
export const deleteObjectsJob = defineJob({
  name: 'storage.delete',
  data: Type.Object({ keys: Type.Array(Type.String()) }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  async run({ storage, metrics, log }: DeletionContext, { keys }) {
    const { absent, unusable } = await storage.delete(keys);
    const counter = notDeletedCounter(metrics);
    counter.inc({ reason: 'absent' }, absent.length);
    counter.inc({ reason: 'unusable' }, unusable.length);
    if (unusable.length > 0)
      log.warn({ keys: unusable.length }, 'no object was deleted: these keys are no paths in the store');
    if (absent.length > 0)
      log.info({ keys: absent.length }, 'no object was deleted: the store has none under these keys');
  },
});

/**
 * Queues the deletion of objects in the transaction that deletes their rows, so that neither a crash nor an outage of
 * the store leaves objects behind.
 * @param startAfter when a running job can no longer store them
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
