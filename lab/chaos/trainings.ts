import type pg from 'pg';
import { trainers } from '../../src/features/trainers/registry.ts';
import type { Ground } from '../ground/service.ts';
import * as paid from './paid-jobs.ts';

/** Trainings, as chaos asks for them and counts them. */
export const trainings: paid.PaidKind = {
  table: 'trainings',
  columns: ['archive_url', 'late_artifacts'],
  where: 'adopted_at is null',
  path: (avatarId) => `/v1/avatars/${avatarId}/trainings`,
  running: 'training_id',
  isMadeBy: (endpoint) => trainers.some((trainer) => trainer.endpoint === endpoint),
  // Each submission has an archive of its own.
  marker: ({ images_data_url: url }) => url ?? 'none',
  paidFailures: [],
};

export type TrainingRow = paid.JobRow & { archive_url: string | null; late_artifacts: unknown };

export const readTrainings = (pool: pg.Pool) => paid.readJobs<TrainingRow>(pool, trainings);
export const countByStatus = (pool: pg.Pool) => paid.countByStatus(pool, trainings);
export const startTrainings = (ground: Ground, avatars: readonly string[], asking: paid.Asking = {}) =>
  paid.startJobs(ground, trainings, avatars, { body: { steps: 10 }, ...asking });
export const untilEnded = (ground: Ground, waiting: paid.Waiting) => paid.untilJobsEnded(ground, trainings, waiting);
export const countAtSandbox = (ground: Ground) => paid.countJobs(ground, trainings);
