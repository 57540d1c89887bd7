import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { defineJob } from '../../platform/jobs/define.ts';
import { artifactKey } from '../trainings/fetch-artifacts.ts';
import { findTraining } from '../trainings/store.ts';

/** Milliseconds after which fetched weights can no longer be waiting for their row. */
export const sweepAfterMs = 3_600_000;

/** Where the files of a training are stored. */
export function keysOf(trainingId: string): string[] {
  return ['lora.safetensors', 'config.json'].map((name) => artifactKey(trainingId, name));
}

/** Removes fetched weights without a training, which a crash leaves. Enqueued before they are stored. */
export const sweepLoraJob = defineJob({
  name: 'loras.sweep',
  data: Type.Object({ training_id: Type.String() }),
  retryLimit: 20_000,
  retryDelayMaxSeconds: 60,
  async run({ db, storage }: Pick<Context, 'db' | 'storage'>, { training_id: id }) {
    if (!(await findTraining(db, id))) await storage.delete(keysOf(id));
  },
});
