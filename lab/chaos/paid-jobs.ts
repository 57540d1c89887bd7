import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { readJobToken } from '../../src/fal-jobs/token.ts';
import { inParallel } from '../ground/parallel.ts';
import type { SandboxJob, Submission } from '../ground/sandbox.ts';
import type { Ground } from '../ground/service.ts';
import { until } from '../ground/until.ts';

/* What became of paid jobs, counted in the database and at the sandbox, for any kind of them. */

/** What is read of a paid job's row, whatever it makes. */
export type JobRow = {
  id: string;
  avatar_id: string;
  status: string;
  charged: string | null;
  error: { code: string } | null;
  fal_request_id: string | null;
  submissions: number;
  result_source: string | null;
  created_at: Date;
  submit_unknown_at: Date | null;
  needs_attention_at: Date | null;
  accepted_at: Date | null;
  ended_at: Date | null;
};

/** How one kind of paid job is asked for, read and told apart at fal: a file of its own (trainings.ts). */
export type PaidKind = {
  table: string;
  /** Columns beside those of every paid job. */
  columns: readonly string[];
  /** The rows that this installation paid for, as a condition. */
  where: string;
  /** Where a job of an avatar is asked for. */
  path(avatarId: string): string;
  /** The member of a 409 that names the job which runs already; null when requests have an Idempotency-Key instead. */
  running: string | null;
  /** Whether jobs of an endpoint of fal are of this kind. */
  isMadeBy(endpoint: string): boolean;
  /** What two POSTs of one submission have in common, and no others. */
  marker(submission: Submission): string;
  /** Failures of a job that succeeded at fal and is paid. */
  paidFailures: readonly string[];
};

const common = `id, avatar_id, status, charged, error, fal_request_id, submissions, result_source, created_at,
  submit_unknown_at, needs_attention_at, accepted_at, ended_at`;
const ended = new Set(['succeeded', 'failed', 'cancelled']);
const restartMs = 100;

/** @returns every job of a kind, oldest first */
export async function readJobs<Row extends JobRow>(pool: pg.Pool, { table, columns, where }: PaidKind): Promise<Row[]> {
  const all = [common, ...columns].join(', ');
  return (await pool.query<Row>(`select ${all} from ${table} where ${where} order by created_at, id`)).rows;
}

/** @returns how many jobs there are in each status; those that wait for a person are `attention` */
export async function countByStatus(pool: pg.Pool, { table, where }: PaidKind): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ status: string; count: number }>(
    `select case when needs_attention_at is null then status::text else 'attention' end as status, count(*)::int
     from ${table} where ${where} group by 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

export type Asking = { parallel?: number; body?: object | ((index: number) => object) };

/**
 * Asks for a job of each avatar over HTTP, a few at a time, again when the service does not answer: as a client would. One
 * that runs already was started by a request whose answer was lost; with a key the answer is repeated.
 * @returns the ids of the jobs that were answered with one
 */
export async function startJobs(
  { client }: Ground,
  { path, running }: PaidKind,
  avatars: readonly string[],
  { parallel = 8, body = {} }: Asking,
): Promise<string[]> {
  return inParallel(avatars, parallel, async (avatarId, index) => {
    const headers: Record<string, string> = running === null ? { 'idempotency-key': randomUUID() } : {};
    for (;;) {
      const json = typeof body === 'function' ? body(index) : body;
      const answer = await client.call('POST', path(avatarId), json, headers).catch(() => null);
      if (answer?.status === 202) return String(answer.body.id);
      if (answer?.status === 409 && running !== null) return String(answer.body[running]);
      // The first request with the key is still at work.
      const isBusy = answer?.status === 409 && answer.body.code === 'idempotency-in-progress';
      if (answer && answer.status !== 503 && !isBusy) {
        throw new Error(`a start was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      await delay(restartMs);
    }
  });
}

export type Waiting = { timeoutMs: number; all?: boolean; report?: (text: string) => void };

/** Waits until no job is on its way; those that wait for a person don't count unless `all`. */
export async function untilJobsEnded(
  { pool }: Ground,
  kind: PaidKind,
  { timeoutMs, all = false, report }: Waiting,
): Promise<void> {
  let told = performance.now();
  await until(
    `all ${kind.table} to end`,
    async () => {
      const counts = await countByStatus(pool, kind);
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
  /** Submissions that were POSTed more than once. */
  sentTwice: number;
  withTwoJobs: number;
  jobsUnknown: number;
  /** Rows whose end is not what became of their job. */
  untruthful: string[];
  jobs_: readonly SandboxJob[];
};

/** Counts a kind's jobs at the sandbox, which saw every POST, and compares with what the service says. */
export async function countJobs(ground: Ground, kind: PaidKind): Promise<Count> {
  const [secret, rows] = [await ground.secret(), await readJobs(ground.pool, kind)];
  const isOfKind = ({ endpoint }: { endpoint: string }) => kind.isMadeBy(endpoint);
  const submissions = (await ground.sandbox.submissions()).filter(isOfKind);
  const jobs = (await ground.sandbox.jobs()).filter(isOfKind);
  const postsByMarker = countBy(submissions.map((submission) => kind.marker(submission)));
  const jobsByRow = countBy(jobs.map((job) => ownerOf(secret, job.webhook_url)));
  const known = new Set(rows.map(({ fal_request_id: id }) => id));
  const jobById = new Map(jobs.map((job) => [job.request_id, job]));
  const isMany = (count: number) => count > 1;
  return {
    posts: submissions.length,
    jobs: jobs.length,
    sentTwice: [...postsByMarker.values()].filter(isMany).length,
    withTwoJobs: [...jobsByRow.values()].filter(isMany).length,
    jobsUnknown: jobs.filter(({ request_id }) => !known.has(request_id)).length,
    untruthful: rows.filter((row) => !isTruthful(kind, row, jobById, jobsByRow.has(row.id))).map(({ id }) => id),
    jobs_: jobs,
  };
}

/** @returns the id of the row that the token in a webhook's address names */
export function ownerOf(secret: Buffer, webhookUrl: string | null): string {
  const token = webhookUrl === null ? null : new URL(webhookUrl).searchParams.get('t');
  const attempt = token === null ? null : readJobToken(secret, token);
  if (!attempt) throw new Error(`a job has a webhook address without our token: ${webhookUrl}`);
  return attempt.jobId;
}

function isTruthful(
  { paidFailures }: PaidKind,
  { status, fal_request_id: id, charged, error }: JobRow,
  jobs: Map<string, SandboxJob>,
  hasJob: boolean,
): boolean {
  const job = id === null ? undefined : jobs.get(id);
  if (status === 'succeeded') return job?.outcome?.status === 200 && charged === 'yes';
  // No answer, and no job in fal's records: the cost is unknown.
  if (error?.code === 'submit-unresolved') return !hasJob && charged === 'unknown';
  if (error && paidFailures.includes(error.code)) return job?.outcome?.status === 200 && charged === 'yes';
  // Without a job nothing was charged; a failed one has a failed job.
  if (status === 'failed' && job) return (job.outcome?.status ?? 0) >= 400;
  return status === 'failed' || status === 'cancelled' ? charged === 'no' : true;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
