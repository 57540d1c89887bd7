import type { Findings } from '../experiment.ts';
import { inParallel } from '../ground/parallel.ts';
import type { FaultRule } from '../ground/sandbox.ts';
import type { Ground } from '../ground/service.ts';
import { until } from '../ground/until.ts';
import { type GenerationRow, judgeGenerations, readGenerations, startGenerations } from './generations.ts';

const timeoutMs = 120_000;

/** Generations whose images come after they have failed by a webhook, or by their deadline. Changes how long images take. */
export async function lateGenerations(ground: Ground, each: number): Promise<Findings> {
  const { sandbox, client, pool } = ground;
  // None ends at fal on its own.
  await sandbox.settings({ image_seconds: 10_000 });
  const first: FaultRule = { on: 'webhook', fault: 'error_first', seconds: 3600, times: each };
  const overdue = await startAtFal(ground, each, []);
  const failing = await startAtFal(ground, each, [first]);
  // A poll before the webhook would find the success at once.
  await sandbox.faults.set([{ on: 'status', fault: 'unavailable', times: 'always' }]);
  await complete(ground, failing);
  await untilAll(ground, failing, ({ status }) => status === 'failed');
  await sandbox.faults.clear();
  await untilAll(ground, overdue, ({ error }) => error?.code === 'deadline-exceeded');
  await complete(ground, overdue);
  const ids = [...failing, ...overdue];
  await untilAll(ground, ids, ({ late_artifacts: images }) => images !== null);
  const judged = await inParallel(ids, 4, async (id) => {
    const path = `/v1/generations/${id}`;
    const shown = await client.insist('GET', path);
    const told = await pool.query(`select from events where generation_id = $1 and type = 'generation.late_result'`, [
      id,
    ]);
    const accepted = await client.insist('POST', `${path}/accept-late-result`);
    const again = await client.insist('POST', `${path}/accept-late-result`);
    return {
      isKeptApart: shown.body.status === 'failed' && shown.body.has_late_result === true && shown.body.images_ok === 0,
      isTold: told.rowCount === 1,
      isBilled: shown.body.charged === 'yes' && accepted.body.charged === 'yes',
      isTakenUp: accepted.status === 200 && accepted.body.status === 'succeeded' && again.status === 409,
    };
  });
  const is = (rule: keyof (typeof judged)[number]) => judged.every((one) => one[rule]);
  const { figures, claims } = await judgeGenerations(ground, ids);
  return {
    figures,
    claims: {
      ...claims,
      'late images stay apart until they are accepted': is('isKeptApart'),
      'late images are told by an event': is('isTold'),
      'late images are never billed as nothing': is('isBilled'),
      'late images are accepted, once': is('isTakenUp'),
    },
  };
}

async function startAtFal(ground: Ground, count: number, rules: readonly FaultRule[]): Promise<string[]> {
  await ground.sandbox.faults.set(rules);
  const ids = await startGenerations(ground, await ground.trainedAvatars(count));
  await untilAll(ground, ids, ({ accepted_at: at }) => at !== null);
  await ground.sandbox.faults.clear();
  return ids;
}

async function complete(ground: Ground, ids: readonly string[]): Promise<void> {
  for (const { fal_request_id: requestId } of await some(ground, ids)) await ground.sandbox.complete(requestId ?? '');
}

async function untilAll(ground: Ground, ids: readonly string[], is: (row: GenerationRow) => boolean): Promise<void> {
  await until('the generations to be so', async () => (await some(ground, ids)).every(is), { timeoutMs });
}

async function some({ pool }: Ground, ids: readonly string[]): Promise<GenerationRow[]> {
  return (await readGenerations(pool)).filter(({ id }) => ids.includes(id));
}
