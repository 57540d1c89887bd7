import { createHash } from 'node:crypto';
import { request } from 'undici';
import { type Ground, openGround } from '../../ground/service.ts';
import type { FaultRule } from '../../ground/sandbox.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { lateGenerations } from '../late-generations.ts';
import { hurried } from '../generations.ts';
import { readTrainings, startTrainings, type TrainingRow } from '../trainings.ts';
import { ownerOf } from '../paid-jobs.ts';
import { inParallel } from '../../ground/parallel.ts';
import { until } from '../../ground/until.ts';

type Size = { each: number; unresolvedSeconds: number; withUnresolved: boolean };

const timeoutMs = 120_000;

export const late = defineExperiment<Size>({
  name: 'late',
  shows: 'A success that comes after the end is kept, verified, shown and taken up on demand, and never costs nothing.',
  sizes: {
    quick: { each: 1, unresolvedSeconds: 600, withUnresolved: false },
    plain: { each: 5, unresolvedSeconds: 25, withUnresolved: true },
    full: { each: 25, unresolvedSeconds: 60, withUnresolved: true },
  },
  run,
});

/** A way to end trainings while fal continues their jobs. @returns the ended trainings */
type Ending = (ground: Ground, count: number) => Promise<string[]>;

const noWebhook: FaultRule = { on: 'webhook', fault: 'none', times: 'always' };
const endings: Record<string, Ending> = {
  cancelled,
  forgotten,
  forgotten_unheard: forgottenUnheard,
  failed: failedFirst,
};

async function run({ house, report }: Stage, size: Size): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'late',
    speed: 1,
    sandbox: { concurrency: 100_000, queue_seconds: 0, decode_images: false, search: 'off', lora_seconds: 0 },
    environment: {
      POLL_FIRST_SECONDS: '0.2',
      POLL_SECONDS: '0.3',
      CHECK_INTERVAL_SECONDS: '0.1',
      FAL_START_TIMEOUT_SECONDS: '2',
      DEADLINE_SECONDS: '8',
      UNRESOLVED_MAX_SECONDS: String(size.unresolvedSeconds),
      MAX_TRAININGS: '1000',
      ...hurried,
      GENERATION_START_TIMEOUT_SECONDS: '2',
      GENERATION_DEADLINE_SECONDS: '8',
      // Each unanswered submission opens the circuit for this long.
      BLOCKED_RETRY_SECONDS: '0.2',
    },
  });
  try {
    await ground.start('all');
    // Their deadlines pass while the others end. Half of them never get a webhook.
    const overdue = await startLong(ground, size.each, []);
    const unheard = await startLong(ground, size.each, [noWebhook]);
    const isOverdue = ({ error }: TrainingRow) => error?.code === 'deadline-exceeded';
    const deadline: Ending = () => untilAll(ground, overdue, isOverdue);
    const deadline_unheard: Ending = () => untilAll(ground, unheard, isOverdue);
    const chosen = { ...endings, deadline, deadline_unheard, ...(size.withUnresolved && { unresolved }) };
    const findings: [string, Judged[]][] = [];
    for (const [name, end] of Object.entries(chosen)) {
      const ids = await end(ground, size.each);
      report(`${ids.length} ended: ${name}`);
      const before = await readSome(ground, ids);
      await fulfil(ground, ids);
      findings.push([name, await inParallel(before, 4, async (training) => judge(ground, training))]);
    }
    const images = await lateGenerations(ground, size.each);
    const all = findings.flatMap(([, judged]) => judged);
    const is = (rule: keyof Judged) => all.every((judged) => judged[rule] === true);
    return {
      figures: {
        ...images.figures,
        ...Object.fromEntries(
          findings.map(([name, judged]) => [
            name,
            {
              late: judged.length,
              ended_as: [...new Set(judged.map(({ endedAs }) => endedAs))],
              taken_up: judged.filter(({ isTakenUp }) => isTakenUp).length,
            },
          ]),
        ),
      },
      claims: {
        ...images.claims,
        'the end stays until somebody takes the result up': is('isKeptApart'),
        'a late result is verified and shown': is('isShown'),
        'a late result is told by an event': is('isTold'),
        'a late result is never billed as nothing': is('isBilled'),
        'the verb takes it up, once': is('isTakenUp'),
        'what is served then is what was verified': is('isServed'),
        'the avatar is completed by it': is('isCompleted'),
      },
    };
  } finally {
    await ground.close();
  }
}

/**
 * The answer to the POST is lost, the training is cancelled, and an operator says wrongly that nothing was submitted.
 */
async function cancelled(ground: Ground, count: number): Promise<string[]> {
  const ids = await startUnknown(ground, count);
  await askToStop(ground, ids);
  await inParallel(ids, 2, async (id) => ground.command(['trainings', 'resolve', id, '--not-submitted']));
  return untilAll(ground, ids, ({ status, charged }) => status === 'cancelled' && charged === 'no');
}

/** fal ignores the cancellation, and for a while does not know the request. */
async function forgotten(ground: Ground, count: number, rules: readonly FaultRule[] = []): Promise<string[]> {
  const ids = await startLong(ground, count, rules);
  await ground.sandbox.faults.set([
    { on: 'cancel', fault: 'ignored', times: 'always' },
    { on: 'status', fault: 'not_found', times: 'always' },
  ]);
  await askToStop(ground, ids);
  await untilAll(ground, ids, ({ status }) => status === 'cancelled' || status === 'failed');
  await ground.sandbox.faults.clear();
  return ids;
}

/** As {@link forgotten}, without webhooks, so that only polling finds out. */
function forgottenUnheard(ground: Ground, count: number): Promise<string[]> {
  return forgotten(ground, count, [noWebhook]);
}

/** A webhook reports a failure; an hour later another reports the success. */
async function failedFirst(ground: Ground, count: number): Promise<string[]> {
  const rule = { on: 'webhook', fault: 'error_first', seconds: 3600, times: count };
  const ids = await startLong(ground, count, [rule]);
  // A poll before the webhook would find the success at once.
  await ground.sandbox.faults.set([{ on: 'status', fault: 'unavailable', times: 'always' }]);
  await fulfil(ground, ids);
  await untilAll(ground, ids, ({ status }) => status === 'failed');
  await ground.sandbox.faults.clear();
  return ids;
}

/** No news of a submission until it is given up. */
async function unresolved(ground: Ground, count: number): Promise<string[]> {
  const ids = await startUnknown(ground, count);
  return untilAll(ground, ids, ({ error }) => error?.code === 'submit-unresolved');
}

// Trainings that do not end at fal on their own.
async function startLong(ground: Ground, count: number, rules: readonly FaultRule[]): Promise<string[]> {
  await ground.sandbox.faults.set(rules);
  const ids = await startTrainings(ground, await ground.avatars(count), { body: { steps: 10_000 } });
  await untilAll(ground, ids, ({ accepted_at: at, submit_unknown_at: unknown }) => at !== null || unknown !== null);
  await ground.sandbox.faults.clear();
  return ids;
}

function startUnknown(ground: Ground, count: number): Promise<string[]> {
  return startLong(ground, count, [{ on: 'submit', fault: 'reset_after', times: count }]);
}

async function askToStop({ client }: Ground, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { status, body } = await client.insist('POST', `/v1/trainings/${id}/cancel`);
    if (status !== 202) throw new Error(`a cancellation was answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** Completes the jobs of these trainings at fal. */
async function fulfil(ground: Ground, ids: readonly string[]): Promise<void> {
  const secret = await ground.secret();
  const jobs = await ground.sandbox.jobs();
  for (const id of ids) {
    const job = jobs.find(({ webhook_url: url }) => ownerOf(secret, url) === id);
    if (!job) throw new Error(`training ${id} has no job at fal`);
    if (job.state !== 'COMPLETED') await ground.sandbox.complete(job.request_id);
  }
}

async function untilAll(ground: Ground, ids: string[], is: (training: TrainingRow) => boolean): Promise<string[]> {
  await until('the trainings to end', async () => (await readSome(ground, ids)).every(is), { timeoutMs });
  return ids;
}

async function readSome({ pool }: Ground, ids: readonly string[]): Promise<TrainingRow[]> {
  return (await readTrainings(pool)).filter(({ id }) => ids.includes(id));
}

type Judged = {
  endedAs: string;
  isKeptApart: boolean;
  isShown: boolean;
  isTold: boolean;
  isBilled: boolean;
  isTakenUp: boolean;
  isServed: boolean;
  isCompleted: boolean;
};

async function judge(ground: Ground, before: TrainingRow): Promise<Judged> {
  const { client, pool, url, key } = ground;
  const path = `/v1/trainings/${before.id}`;
  const shown = await until(
    'the late result',
    async () => {
      const { body } = await client.insist('GET', path);
      return body.late_artifacts && body;
    },
    { timeoutMs },
  );
  const told = await pool.query(`select from events where training_id = $1 and type = 'training.late_result'`, [
    before.id,
  ]);
  const avatarBefore = await client.insist('GET', `/v1/avatars/${before.avatar_id}`);
  const accepted = await client.insist('POST', `${path}/accept-late-result`);
  const again = await client.insist('POST', `${path}/accept-late-result`);
  const avatar = await client.insist('GET', `/v1/avatars/${before.avatar_id}`);
  const served = await until('the file', async () => {
    const file = await request(`${url}${path}/artifacts/lora`, { headers: { authorization: `Bearer ${key}` } });
    const bytes = Buffer.from(await file.body.arrayBuffer());
    return file.statusCode !== 503 && { status: file.statusCode, bytes };
  });
  const sha256 = createHash('sha256').update(served.bytes).digest('hex');
  return {
    endedAs: before.error?.code ?? before.status,
    isKeptApart: shown.status === before.status && shown.artifacts === null && avatarBefore.body.status !== 'completed',
    isShown: /^[0-9a-f]{64}$/.test(shown.late_artifacts.lora.sha256),
    isTold: told.rowCount === 1,
    isBilled: shown.charged === 'yes' && accepted.body.charged === 'yes',
    isTakenUp: accepted.status === 200 && accepted.body.status === 'succeeded' && again.status === 409,
    isServed: served.status === 200 && sha256 === shown.late_artifacts.lora.sha256,
    isCompleted: avatar.body.status === 'completed',
  };
}
