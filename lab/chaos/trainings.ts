import type pg from 'pg';
import { readAttemptToken } from '../../src/fal-jobs/token.ts';
import type { Ground } from '../ground/service.ts';
import type { SandboxJob } from '../ground/sandbox.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../ground/parallel.ts';
import { until } from '../ground/until.ts';

/** What is read here of a training's row. */
export type TrainingRow = {
  id: string;
  avatar_id: string;
  status: string;
  charged: string | null;
  error: { code: string } | null;
  fal_request_id: string | null;
  archive_url: string | null;
  submissions: number;
  result_source: string | null;
  late_artifacts: unknown;
  created_at: Date;
  submit_unknown_at: Date | null;
  needs_attention_at: Date | null;
  accepted_at: Date | null;
  ended_at: Date | null;
};

const ended = new Set(['succeeded', 'failed', 'cancelled']);
const restartMs = 100;

/** @returns every training of the ground, oldest first */
export async function readTrainings(pool: pg.Pool): Promise<TrainingRow[]> {
  const { rows } = await pool.query<TrainingRow>(
    `select id, avatar_id, status, charged, error, fal_request_id, archive_url, submissions, result_source,
       late_artifacts, created_at, submit_unknown_at, needs_attention_at, accepted_at, ended_at
     from trainings order by created_at, id`,
  );
  return rows;
}

/** @returns how many trainings there are in each status; those that wait for a person are `attention` */
export async function countByStatus(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ status: string; count: number }>(
    `select case when needs_attention_at is null then status::text else 'attention' end as status, count(*)::int
     from trainings group by 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/**
 * Starts a training of each avatar over HTTP, a few at a time, again when the service does not answer: as a client
 * would. One that runs already was started by a request whose answer was lost.
 * @returns the ids of the trainings that were answered with one
 */
export async function startTrainings(
  { client }: Ground,
  avatars: readonly string[],
  { parallel = 8, body = { steps: 10 } }: { parallel?: number; body?: object | ((index: number) => object) } = {},
): Promise<string[]> {
  return inParallel(avatars, parallel, async (avatarId, index) => {
    for (;;) {
      const json = typeof body === 'function' ? body(index) : body;
      const answer = await client.call('POST', `/v1/avatars/${avatarId}/trainings`, json).catch(() => null);
      if (answer?.status === 202) return String(answer.body.id);
      if (answer?.status === 409) return String(answer.body.training_id);
      if (answer && answer.status !== 503) {
        throw new Error(`a start was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      await delay(restartMs);
    }
  });
}

/** Waits until no training is on its way; those that wait for a person don't count unless `all`. */
export async function untilEnded(
  { pool }: Ground,
  { timeoutMs, all = false, report }: { timeoutMs: number; all?: boolean; report?: (text: string) => void },
): Promise<void> {
  let told = performance.now();
  await until(
    'all trainings to end',
    async () => {
      const counts = await countByStatus(pool);
      if (report && performance.now() - told > 10_000) {
        told = performance.now();
        report(JSON.stringify(counts));
      }
      return Object.keys(counts).every((status) => ended.has(status) || (!all && status === 'attention'));
    },
    { timeoutMs, everyMs: 200 },
  );
}

export type Count = {
  posts: number;
  jobs: number;
  archivesSentTwice: number;
  trainingsWithTwoJobs: number;
  jobsUnknown: number;
  /** Trainings whose end is not what became of their job. */
  untruthful: string[];
  jobs_: readonly SandboxJob[];
};

/** Counts at the sandbox, which saw every POST, and compares with what the service says. */
export async function countAtSandbox(ground: Ground): Promise<Count> {
  const [secret, trainings] = [await ground.secret(), await readTrainings(ground.pool)];
  const [submissions, jobs] = [await ground.sandbox.submissions(), await ground.sandbox.jobs()];
  const byArchive = countBy(submissions.map(({ images_data_url: url }) => url ?? 'none'));
  const jobsByTraining = countBy(jobs.map((job) => trainingOf(secret, job.webhook_url)));
  const known = new Set(trainings.map(({ fal_request_id: id }) => id));
  const jobById = new Map(jobs.map((job) => [job.request_id, job]));
  return {
    posts: submissions.length,
    jobs: jobs.length,
    archivesSentTwice: [...byArchive.values()].filter((posts) => posts > 1).length,
    trainingsWithTwoJobs: [...jobsByTraining.values()].filter((count) => count > 1).length,
    jobsUnknown: jobs.filter(({ request_id }) => !known.has(request_id)).length,
    untruthful: trainings
      .filter((training) => !isTruthful(training, jobById, jobsByTraining.has(training.id)))
      .map(({ id }) => id),
    jobs_: jobs,
  };
}

/** @returns the training that the token in a webhook's address names */
export function trainingOf(secret: Buffer, webhookUrl: string | null): string {
  const token = webhookUrl === null ? null : new URL(webhookUrl).searchParams.get('t');
  const attempt = token === null ? null : readAttemptToken(secret, token);
  if (!attempt) throw new Error(`a job has a webhook address without our token: ${webhookUrl}`);
  return attempt.trainingId;
}

function isTruthful(
  { status, fal_request_id: id, charged, error }: TrainingRow,
  jobs: Map<string, SandboxJob>,
  hasJob: boolean,
): boolean {
  const job = id === null ? undefined : jobs.get(id);
  if (status === 'succeeded') return job?.outcome?.status === 200 && charged === 'yes';
  // No answer, and no job in fal's records: what it cost is known to nobody.
  if (error?.code === 'submit-unresolved') return !hasJob && charged === 'unknown';
  // What never became a job cost nothing, and what failed here failed there.
  if (status === 'failed' && job) return (job.outcome?.status ?? 0) >= 400;
  return status === 'failed' || status === 'cancelled' ? charged === 'no' : true;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
