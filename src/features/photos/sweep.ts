import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { defineJob } from '../../platform/jobs/define.ts';
import { findExisting } from './store.ts';

/** Milliseconds after which an upload can no longer be storing photos. */
export const sweepAfterMs = 3_600_000;

/**
 * Removes the objects of an upload without rows, which a crash between storing and committing leaves. Enqueued before
 * the first object is stored.
 */
export const sweepUploadJob = defineJob({
  name: 'photos.sweep',
  data: Type.Object({ photos: Type.Array(Type.Object({ id: Type.String(), key: Type.String() })) }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  async run({ db, storage }: Pick<Context, 'db' | 'storage'>, { photos }) {
    const kept = await findExisting(
      db,
      photos.map(({ id }) => id),
    );
    await storage.delete(photos.filter(({ id }) => !kept.has(id)).map(({ key }) => key));
  },
});
