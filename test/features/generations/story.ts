import type { JobStatus, TrainingType } from '../../../src/platform/db/schema.ts';
import { findGeneration, type Generation } from '../../../src/features/generations/store.ts';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import type { TestApp } from '../../support/app.ts';
import type { Service } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { begin } from '../trainings/story.ts';

/** An avatar whose training has succeeded; `again` trains it once more. */
export async function trained(
  service: Service,
  { trainingType = 'style', phrase = 'ohwx' }: { trainingType?: TrainingType; phrase?: string } = {},
) {
  const story = await begin(service, { trainingType, asked: { trigger_phrase: phrase } });
  await service.sandbox.queue.complete(await story.job());
  const training = await story.is('succeeded', 20_000);
  if (training.user_id === null) throw new Error('the training has no owner');
  return { avatarId: story.avatarId, userId: training.user_id, training };
}

/** @returns the questions one asks about a generation */
export function followGeneration({ app, sandbox, database }: Service, id: string) {
  async function row(): Promise<Generation> {
    const found = await findGeneration(app.db, id);
    if (!found) throw new Error(`there is no generation ${id}`);
    return found;
  }
  async function when(what: string, test: (row: Generation) => boolean): Promise<Generation> {
    let last: Generation | undefined;
    const look = async () => {
      last = await row();
      return test(last) && last;
    };
    return until(what, look, 20_000).catch((error: unknown) => {
      const { status, error: failure, blocked_reason } = last ?? {};
      throw new Error(`${String(error)}; it is ${JSON.stringify({ status, failure, blocked_reason })}`);
    });
  }
  return {
    id,
    row,
    when,
    is: (status: JobStatus) => when(status, (now) => now.status === status),
    async job() {
      const { fal_request_id: requestId } = await when('a request id', (now) => now.fal_request_id !== null);
      const job = requestId === null ? null : sandbox.queue.get(requestId);
      if (!job) throw new Error(`the sandbox has no job ${requestId}`);
      return job;
    },
    async events(): Promise<{ type: string; data: Record<string, unknown> }[]> {
      const { rows } = await database.pool.query('select type, data from events where generation_id = $1 order by id', [
        id,
      ]);
      return rows;
    },
  };
}

/** Starts a generation by the API and follows it. */
export async function generate(app: TestApp, avatarId: string, json: Record<string, unknown> = {}) {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const answer = await app.call('POST', `/v1/avatars/${avatarId}/generations`, {
    json: { prompt: 'at the sea', ...json },
    headers,
  });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return followGeneration(app, answer.body.id);
}

/** Posts a webhook about a generation as fal would. @param shape members of its body */
export async function deliverTo(
  { app, sandbox, url }: Service,
  generation: ReturnType<typeof followGeneration>,
  shape: Record<string, unknown>,
): Promise<Response> {
  const { submission_id: submissionId, fal_request_id: requestId } = await generation.row();
  if (submissionId === null || requestId === null) throw new Error('fal has not accepted it');
  const token = jobToken(app.installation.secret, { kind: 'generation', jobId: generation.id, submissionId });
  const rawBody = JSON.stringify({ error: null, gateway_request_id: requestId, request_id: requestId, ...shape });
  const timestamp = Math.floor(Date.now() / 1000);
  const signed = sandbox.signing.sign({ requestId, userId: sandbox.userId, timestamp, rawBody }, 'current');
  const headers = { 'content-type': 'application/json', ...signed };
  return fetch(`${url}/webhooks/fal?t=${token}`, { method: 'POST', headers, body: rawBody });
}
