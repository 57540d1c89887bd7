import { Type } from 'typebox';
import { defineJob } from '../../platform/jobs/define.ts';
import { findExisting } from './store.ts';

/** How long after an upload began nobody can still be storing its photos. */
export const sweepAfterMs = 3_600_000;

/**
 * Removes the objects of an upload that has no rows: a process that died between storing and committing leaves them.
 * It is asked for before the first of them is stored.
 */
export const sweepUploadJob = defineJob({
  name: 'photos.sweep',
  data: Type.Object({ photos: Type.Array(Type.Object({ id: Type.String(), key: Type.String() })) }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  async run({ db, storage }, { photos }) {
    const kept = await findExisting(
      db,
      photos.map(({ id }) => id),
    );
    await storage.delete(photos.filter(({ id }) => !kept.has(id)).map(({ key }) => key));
  },
});
