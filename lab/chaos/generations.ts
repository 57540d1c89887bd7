import { createHash } from 'node:crypto';
import type pg from 'pg';
import { models } from '../../src/features/models/registry.ts';
import { createStorage } from '../../src/platform/storage/flydrive-storage.ts';
import { StorageError } from '../../src/platform/storage/storage.ts';
import type { Findings } from '../experiment.ts';
import { inParallel } from '../ground/parallel.ts';
import type { Ground } from '../ground/service.ts';
import * as paid from './paid-jobs.ts';

/** Generations, as chaos asks for them and counts them. */
export const generations: paid.PaidKind = {
  table: 'generations',
  columns: ['images_ok', 'late_artifacts'],
  where: 'true',
  path: (avatarId) => `/v1/avatars/${avatarId}/generations`,
  running: null,
  isMadeBy: (endpoint) => models.some((model) => model.endpoint === endpoint),
  // The address has the token of the submission; the input of one that is submitted again is the same.
  marker: ({ webhook_url: url }) => url ?? 'none',
  paidFailures: ['all-images-flagged'],
};

export type GenerationRow = paid.JobRow & { images_ok: number; late_artifacts: unknown };

/** Settings that let generations go as fast as the trainings beside them. */
export const hurried = {
  MAX_GENERATIONS: '100',
  GENERATION_POLL_FIRST_SECONDS: '0.5',
  GENERATION_POLL_SECONDS: '1',
};

export const readGenerations = (pool: pg.Pool) => paid.readJobs<GenerationRow>(pool, generations);
export const countGenerations = (pool: pg.Pool) => paid.countByStatus(pool, generations);

/** Small images, each of a prompt of its own, so that no two jobs have one input. */
export const startGenerations = (ground: Ground, avatars: readonly string[], asking: paid.Asking = {}) =>
  paid.startJobs(ground, generations, avatars, {
    body: (index) => ({ prompt: `scene ${avatars[index]}`, num_images: 2, width: 256, height: 256 }),
    ...asking,
  });

export const untilGenerated = (ground: Ground, waiting: paid.Waiting) =>
  paid.untilJobsEnded(ground, generations, waiting);

/**
 * Counts what became of the generations beside the trainings of a scenario, when they have ended.
 * @param started ids, as the service has answered them
 * @param storageUrl of the object store, as this process reaches it
 */
export async function judgeGenerations(
  ground: Ground,
  started: readonly string[],
  storageUrl = ground.environment['STORAGE_URL'] ?? '',
): Promise<Findings> {
  const [count, rows] = [await paid.countJobs(ground, generations), await readGenerations(ground.pool)];
  const images = await checkImages(ground.pool, storageUrl);
  const jobsOfAnInput = Math.max(0, ...Object.values(await ground.sandbox.byInput()).map(({ jobs }) => jobs));
  const known = new Set(rows.map(({ id }) => id));
  const hasAll = started.length === rows.length && started.every((id) => known.has(id));
  const miscounted = rows.filter(({ id, images_ok }) => images_ok !== (images.okByGeneration.get(id) ?? 0));
  return {
    figures: {
      generations: {
        starts: started.length,
        posts: count.posts,
        jobs: count.jobs,
        submissions_sent_twice: count.sentTwice,
        generations_with_two_jobs: count.withTwoJobs,
        jobs_of_one_input: jobsOfAnInput,
        jobs_unknown_to_us: count.jobsUnknown,
        outcomes: await countGenerations(ground.pool),
        untruthful: count.untruthful,
        images: images.ok,
        images_unlike_their_row: images.broken,
      },
    },
    claims: {
      'no submission of a generation is sent twice': count.sentTwice === 0,
      'no generation has two jobs, and no input': count.withTwoJobs === 0 && jobsOfAnInput <= 1,
      'no job of a generation is unknown to us': count.jobsUnknown === 0,
      'every generation that was answered is there and ends': hasAll && rows.every(({ ended_at: at }) => at !== null),
      'every end of a generation is what became of its job': count.untruthful.length === 0,
      'every good image is in the store, with the hash of its row': images.broken.length === 0,
      'a generation has the images that it says': miscounted.length === 0,
    },
  };
}

type ImageRow = { id: string; generation_id: string; storage_key: string; sha256: string; size: string };

/** Compares each good image with its row. @returns how many there are, and the ids of those that differ or are missing */
async function checkImages(pool: pg.Pool, storageUrl: string) {
  const { rows } = await pool.query<ImageRow>(
    `select id, generation_id, storage_key, sha256, size::text from generation_images where status = 'ok'`,
  );
  const storage = await createStorage(storageUrl);
  const broken: string[] = [];
  const okByGeneration = new Map<string, number>();
  await inParallel(rows, 8, async ({ id, generation_id, storage_key, sha256, size }) => {
    okByGeneration.set(generation_id, (okByGeneration.get(generation_id) ?? 0) + 1);
    const bytes = await storage.bytes(storage_key).catch((error: unknown) => {
      if (error instanceof StorageError && error.code === 'missing') return new Uint8Array();
      throw error;
    });
    if (createHash('sha256').update(bytes).digest('hex') !== sha256 || bytes.length !== Number(size)) broken.push(id);
  });
  return { ok: rows.length, broken, okByGeneration };
}
